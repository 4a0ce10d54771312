import type { Cell } from '../actor/cell.js'
import type { Address } from '../ground/address.js'
import type { Message } from '../message/message.js'
import { Ref } from '../message/ref.js'
import { borrow } from '../proxy/proxy.js'
import type { Arrival } from './arrival.js'

/**
 * An actor that has come, as the realm has it that it comes from: what that sends passes what is held for the actor here,
 * since some of it was sent from here before.
 */
export class Entrance extends Ref {
  readonly defaultTimeout = Infinity
  readonly arrival: Arrival

  constructor(arrival: Arrival) {
    super()
    this.arrival = arrival
  }

  get #cell(): Cell {
    return this.arrival.cell
  }

  get home(): Cell['home'] {
    return this.#cell.home
  }

  get address(): Address {
    return this.#cell.address
  }

  get key(): string {
    return this.#cell.key
  }

  override get isElsewhere(): boolean {
    return true
  }

  override isSpawnedBy(link: object): boolean {
    return this.arrival.link === link || this.#cell.isSpawnedBy(link)
  }

  override proxy(): object {
    return borrow(this.#cell)
  }

  override countExport(change: 1 | -1): void {
    this.#cell.countExport(change)
  }

  deliver(message: Message): void {
    this.arrival.enter(message)
  }

  control(request: Message): void {
    this.arrival.controlByEntrance(request)
  }

  watch(listener: (reason: unknown) => void): () => void {
    return this.#cell.watch(listener)
  }
}
