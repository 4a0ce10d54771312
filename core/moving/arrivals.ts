import type { Cell } from '../actor/cell.js'
import { ActorError } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import type { Requests } from '../realm/moving.js'
import type { Realm } from '../realm/realm.js'
import { linkRouteOf } from '../remote/link-route.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import type { AnySpawnOptions } from '../supervision/spawn-options.js'
import { Arrival } from './arrival.js'
import type { Departures } from './departures.js'
import { saidBy } from './movable-class.js'
import { Onward } from './onward.js'
import type { Parcel, Place } from './parcel.js'
import type { Travellers } from './travellers.js'

/** The actors that come to a realm. */
export class Arrivals {
  readonly #realm: Realm
  readonly #travellers: Travellers
  readonly #departures: Departures
  /** Whether the realm where an actor is says that it leaves with that nonce. */
  readonly #confirm: (to: RemoteRef, nonce: string) => Promise<boolean>
  /** Those of which it is not known yet whether they go on here. */
  readonly #coming = new Map<string, Arrival>()
  /** Links whose end is heard. */
  readonly #links = new WeakSet<Link>()

  constructor(
    realm: Realm,
    travellers: Travellers,
    departures: Departures,
    confirm: (to: RemoteRef, nonce: string) => Promise<boolean>,
  ) {
    this.#realm = realm
    this.#travellers = travellers
    this.#departures = departures
    this.#confirm = confirm
  }

  /** Makes the actor, which handles nothing yet. Resolves to where it is. Rejects as `spawn` does. */
  async take(requests: Requests, link: Link, key: unknown, options: unknown, parcel: Parcel): Promise<Place> {
    const request = this.#realm.current
    const { pass } = parcel
    // The realm where it is has given that move up, or it would not begin another one.
    await this.#coming.get(pass)?.dismiss('the actor comes by another move')
    // One that was to leave over a link which broke has left by now, where it comes back.
    let known = this.#travellers.with(pass)
    for (let over; known && (over = this.#departures.over(known)); known = this.#travellers.with(pass)) await over
    this.#realm.current = request
    const coming = known ? this.#comeBack(known, link, parcel) : this.#comeFirst(requests, link, key, options, parcel)
    this.#realm.current = undefined
    const arrival = await coming
    const dismiss = (reason: unknown): void => void arrival.dismiss(reason)
    try {
      if (!link.open || request?.gaveUp) throw new ActorError('aborted', 'the peer that moves the actor gave up')
      const index = link.references.exports.add({ kind: 'actor', target: arrival.entrance })
      return { index, id: arrival.cell.id }
    } catch (error) {
      dismiss(error)
      throw error
    }
  }

  /** The actor goes on here. Throws `stopped`. */
  begin(arrival: Arrival, isAsleep: boolean): void {
    arrival.begin(isAsleep)
    this.#travellers.add(arrival.cell)
  }

  async #comeFirst(requests: Requests, link: Link, key: unknown, given: unknown, parcel: Parcel): Promise<Arrival> {
    const { actors, names } = this.#realm
    const { id, pass, isIdGiven } = parcel
    // An id that was made up is kept where it can be.
    const isFree = link.trusted && !isIdGiven && !actors.has(id) && !names.get(id)
    const options = isFree ? { ...(Object(given) as AnySpawnOptions), id } : given
    let arrival!: Arrival
    await requests.spawn(link, key, options, async (actor) => {
      const cell = actor as Cell
      try {
        const { actorClass } = cell.life.recovery
        if (!saidBy(actorClass) || !cell.plan.hooks.has('restore'))
          throw new ActorError('not-movable', `${cell.kind} cannot be moved here: its class lacks movable or restore()`)
        this.#travellers.passOf(cell, () => ({ pass, isIdGiven }))
        arrival = new Arrival(cell, link, parcel)
      } catch (error) {
        cell.life.ending.terminate(error)
        throw error
      }
      await this.#prepare(arrival, parcel)
    })
    return arrival
  }

  /** An actor that has been here is at home: it needs no leave but the word of the realm where it is. */
  async #comeBack(cell: Cell, link: Link, parcel: Parcel): Promise<Arrival> {
    const { life } = cell
    const way = (): RemoteRef => {
      const { detour } = life
      if (detour instanceof Onward && !this.#coming.has(parcel.pass)) return detour.to
      throw new ActorError('id-in-use', `${cell.address.path} is here already`)
    }
    const to = way()
    const isSure = link.trusted || linkRouteOf(to)?.carrier === link || (await this.#confirm(to, parcel.nonce))
    if (!isSure || way() !== to) throw new ActorError('unauthorized', `${cell.address.path} is not the peer's to move`)
    const { args = [] } = life.options
    try {
      cell.renew(new life.recovery.actorClass!(...args))
    } catch (cause) {
      throw new ActorError('start-failed', `the constructor of ${cell.kind} threw`, { cause })
    }
    const arrival = new Arrival(cell, link, parcel)
    await this.#prepare(arrival, parcel)
    return arrival
  }

  async #prepare(arrival: Arrival, parcel: Parcel): Promise<void> {
    const { pass } = parcel
    this.#coming.set(pass, arrival)
    this.#listen(arrival.link)
    void arrival.decided.then(() => this.#coming.get(pass) === arrival && this.#coming.delete(pass))
    await arrival.prepare(parcel)
  }

  /** Those that a link brought, and that have not begun when it ends, never will. */
  #listen(link: Link): void {
    if (this.#links.has(link)) return
    this.#links.add(link)
    void link.closed.then((reason) => {
      for (const arrival of this.#coming.values()) if (arrival.link === link) void arrival.dismiss(reason)
    })
  }
}
