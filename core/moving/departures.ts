import type { Cell } from '../actor/cell.js'
import { ActorError } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import { Departure } from './departure.js'
import { Onward, OnwardMailbox } from './onward.js'
import { retire } from './retire.js'
import type { Travellers } from './travellers.js'

/** The actors of a realm that leave it, each by one move at a time. */
export class Departures {
  readonly #travellers: Travellers
  readonly #going = new Map<Cell, { readonly departure: Departure; readonly over: Promise<void> }>()

  constructor(travellers: Travellers) {
    this.#travellers = travellers
  }

  /** Resolves when the move of the actor is over that is under way; undefined if there is none. */
  over(cell: Cell): Promise<void> | undefined {
    return this.#going.get(cell)?.over
  }

  /** Whether the actor leaves now by the move of that nonce; undefined where it does not leave. */
  isGoing(cell: Cell, nonce: unknown): boolean | undefined {
    const going = this.#going.get(cell)
    return going && going.departure.nonce === nonce
  }

  /** Moves an actor that is here, and of which no other move is under way. Rejects as `move` does. */
  async depart(cell: Cell, link: Link, timeout: number): Promise<void> {
    const { id } = cell.life.options
    const pass = this.#travellers.passOf(cell, () => ({ pass: cell.home.env.id(), isIdGiven: id !== undefined }))
    const departure = new Departure(cell, link, pass, (to) => this.#left(cell, link, to))
    const going = departure.go(timeout)
    const forget = (): void => void this.#going.delete(cell)
    this.#going.set(cell, { departure, over: going.then(forget, forget) })
    return going
  }

  /** The actor has left: what is here leads to it from now on. Resolves when `onStop` has run. */
  async #left(cell: Cell, link: Link, to: RemoteRef): Promise<void> {
    const { life, home, address } = cell
    this.#travellers.left(cell, to)
    const onward = (life.detour = new Onward(cell, to))
    const stopped = life.isUp ? cell.aside('onStop', 'moved') : undefined
    retire(cell)
    cell.replaceMailbox(new OnwardMailbox(to))
    life.phase = undefined
    life.isAsleep = false
    if (cell.state === 'suspended') cell.enter('running')
    home.events.emit('stopped', address, 'moved')
    const text = `${address.path} went to ${link.peer}, and the link ended`
    if (!link.open) onward.end(cell, new ActorError('unreachable', text))
    if (cell.state === 'stopping') cell.unpause()
    life.keepAlive?.check()
    await stopped
  }
}
