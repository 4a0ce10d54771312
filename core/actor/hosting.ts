import type { Address } from '../ground/address.js'
import type { StopOptions } from '../message/stop-options.js'
import type { Ref } from '../message/ref.js'
import type { Represent } from '../proxy/marks.js'
import type { Hosting as HostingOf, Offered, Offering } from '../realm/hosting.js'
import type { Terminated } from '../realm/realm-events.js'
import type { Realm } from '../realm/realm.js'
import type { Origin } from '../supervision/origin.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import { takeShortcuts } from '../shortcuts/shortcuts.js'
import { PipelinedCalls } from '../link/calls/pipelined-calls.js'
import type { Cell } from './cell.js'
import { Offer } from './offer.js'
import { RunQueue } from './run-queue.js'
import { Stalls } from './stalls.js'
import { checkName, standIn, spawn } from './spawn.js'

/** So many of those that ended are remembered. */
const MEMORIES = 100

/** Hosts the actors of a realm. */
export class Hosting implements HostingOf {
  readonly represent = represent
  readonly stalls: Stalls
  readonly #realm: Realm
  /** The last that ended. */
  #terminated: readonly Terminated[] = []
  /** The actors that stand for objects which travel by reference. */
  readonly #standIns = new WeakMap<object, Cell>()

  constructor(realm: Realm) {
    this.#realm = realm
    this.stalls = new Stalls(realm)
    takeShortcuts(realm)
    realm.pipelining = (references, deliver) => new PipelinedCalls(references, deliver)
    realm.queue = new RunQueue(realm)
  }

  info(): ReturnType<HostingOf['info']> {
    const actors = [...this.#realm.actors].flatMap(([key, ref]) => (ref.actual === ref ? key : []))
    return { actors, terminated: this.#terminated, stalled: this.stalls.all }
  }

  spawn(actor: ActorClass, options?: AnySpawnOptions, origin?: Origin): Promise<Cell> {
    return spawn(this.#realm, actor, options, origin)
  }

  actorOf(value: object): Cell {
    const known = this.#standIns.get(value)
    if (known && !known.hasEnded) return known
    const cell = standIn(this.#realm, value)
    this.#standIns.set(value, cell)
    return cell
  }

  valueOf(ref: Ref): object | undefined {
    const { instance } = ref as Partial<Cell>
    return instance && this.#standIns.get(instance) === ref ? instance : undefined
  }

  checkName(name: string, of?: Ref): void {
    checkName(this.#realm, name, of)
  }

  offer(offering: Offering): Promise<Offered> {
    return Offer.open(this.#realm, offering)
  }

  /** An actor has ended. */
  forget(actor: Cell, address: Address, reason: unknown): void {
    const { actors, names, events } = this.#realm
    actors.delete(actor.id)
    names.releaseAll(actor)
    this.#terminated = [...this.#terminated, { address, reason }].slice(-MEMORIES)
    events.emit('stopped', address, reason)
  }

  async close(options: StopOptions): Promise<void> {
    const roots = ([...this.#realm.actors.values()] as Cell[]).filter(({ parent }) => !parent)
    await Promise.all(roots.map(({ life }) => life.stop(options)))
    this.stalls.stop()
  }
}

/** The hosting of a realm, made when it is first asked for. */
export const hostingOf = (realm: Realm): Hosting => (realm.hosting ??= new Hosting(realm)) as Hosting

/** Every home is a realm. */
export const represent: Represent = (home, value) => hostingOf(home as Realm).actorOf(value)
