// The room moving: carries actors with their state from one realm to another.
import type { Cell } from '../actor/cell.js'
import { ActorError } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import type { Ref } from '../message/ref.js'
import { control, requestOf } from '../message/request.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import type { Moving as MovingOf, Requests } from '../realm/moving.js'
import type { Realm } from '../realm/realm.js'
import { linkRouteOf } from '../remote/link-route.js'
import { RemoteRef } from '../remote/remote-ref.js'
import { hasEnded } from '../supervision/state.js'
import { Arrival } from './arrival.js'
import { Arrivals } from './arrivals.js'
import { Departures } from './departures.js'
import { Entrance } from './entrance.js'
import { Onward } from './onward.js'
import { readParcel } from './parcel.js'
import { passedBy } from './passage.js'
import { movedOn } from './places.js'
import { Travellers } from './travellers.js'

/** A realm, and the link to it where there is one. */
interface Goal {
  readonly id: string
  readonly link?: Link | undefined
}

/** Moves the actors of a realm, as the code here or a peer says. */
export class Moving implements MovingOf {
  readonly #realm: Realm
  readonly #travellers = new Travellers()
  readonly #departures = new Departures(this.#travellers)
  readonly #arrivals: Arrivals

  constructor(realm: Realm) {
    this.#realm = realm
    this.#arrivals = new Arrivals(realm, this.#travellers, this.#departures, (to, nonce) => this.#confirm(to, nonce))
  }

  /** Moves what a reference stands for. Resolves at once where a handler asks for which the move waits. */
  async move(ref: Ref, goal: Goal, timeout: number): Promise<void> {
    const cell = this.#travellers.behind(ref)
    if (!cell) {
      if (!(ref.actual instanceof RemoteRef) || linkRouteOf(ref.actual)?.open) return this.#ask(ref, goal.id, timeout)
      // The way to it has ended. It is looked for first, as it may turn out to be here.
      await control(ref, 'ping')
      return this.move(ref, goal, timeout)
    }
    const isWithin = this.#isWithin(cell)
    const moving = this.#move(cell, goal, timeout)
    if (!isWithin) return moving
    moving.catch((error: unknown) => this.#realm.report(error, `the move of ${cell.address.path}`))
  }

  answer(requests: Requests, link: Link, verb: string, [first, second, third, ...more]: readonly unknown[]): unknown {
    switch (verb) {
      case 'arrive':
        return this.#arrivals.take(requests, link, first, second, readParcel(third))
      case 'begin':
        return this.#arrivals.begin(arrivalAt(requests, link, first), second === true)
      case 'dismiss': {
        const arrival = arrivalAt(requests, link, first)
        link.references.exports.release(first as number)
        return arrival.dismiss('the actor goes on where it was')
      }
      case 'move': {
        const { to, timeout } = Object(second) as Record<string, unknown>
        const target = requests.target(link, first)
        if (link.grant.control !== true && !target.isSpawnedBy?.(link))
          throw new ActorError('unauthorized', `the peer may not move ${target.address.path}: it did not spawn it`)
        if (typeof to !== 'string' || typeof timeout !== 'number')
          throw new ActorError('malformed', 'the peer does not say where an actor is to be moved')
        return this.move(target, { id: to, link: this.#linkTo(to, link) }, timeout)
      }
      case 'moved':
        return movedOn(link, first as number)
      case 'passed':
        if (!link.trusted) throw new ActorError('unauthorized', 'only trusted peers may ask what was passed on')
        return passedBy(this.#realm, [first, second, third, ...more])
      case 'departs':
        return this.#departs(requests.target(link, first), second)
    }
    throw new ActorError('not-found', `there is no request '${verb.slice(0, 64)}'`)
  }

  /** Whether a handler of the actor waits for what is asked now. */
  #isWithin(cell: Cell): boolean {
    for (let message = this.#realm.current; message; message = message.parent)
      if (message.receiver === cell && cell.handles(message)) return true
    return false
  }

  async #move(cell: Cell, { id, link }: Goal, timeout: number): Promise<void> {
    const { life } = cell
    const here = this.#realm.id
    for (;;) {
      const { detour } = life
      const over = this.#departures.over(cell)
      if (over) await over
      else if (detour instanceof Arrival) await detour.opened
      else if (detour instanceof Onward) {
        if (await this.#follow(detour, { id, link }, timeout, () => life.detour === detour)) return
      } else if (hasEnded(cell.state)) throw new ActorError('stopped', `${cell.address.path} is stopped`)
      else if (id === here) return
      else if (link?.open) return this.#departures.depart(cell, link, timeout)
      else throw new ActorError('unreachable', `the realm of ${cell.address.path} has no link with ${id}`)
    }
  }

  /**
   * Has the realm move it where it went. Where that has no link with the goal, and this one has, it comes here first. False if
   * it is here again, or on its way.
   */
  async #follow({ to }: Onward, { id, link }: Goal, timeout: number, isAway: () => boolean): Promise<boolean> {
    try {
      await this.#ask(to, id, timeout)
      return true
    } catch (error) {
      if (!(error instanceof ActorError) || error.code !== 'unreachable') throw error
      if (!isAway()) return false
      if (!link?.open || !linkRouteOf(to)?.carrier.open) throw error
    }
    await this.#ask(to, this.#realm.id, timeout)
    return false
  }

  /** Has the realm where the actor is move it. */
  async #ask(ref: Ref, id: string, timeout: number): Promise<void> {
    if (!(ref.actual instanceof RemoteRef)) throw new ActorError('not-movable', `${ref.address.path} is no actor`)
    const request = requestOf(this.#realm, 'move', [{ to: id, timeout }], Infinity)
    ref.control(request)
    await request.promise
  }

  /** The link that a peer means. A peer that is not trusted has its own only. */
  #linkTo(id: string, asker: Link): Link | undefined {
    if (id === asker.peer) return asker
    if (id === this.#realm.id || !(asker.trusted || asker.grant.control === true)) return undefined
    const line = this.#realm.routes.lines.get(id) as Link | undefined
    const { peers } = this.#realm.dispatcher as unknown as { readonly peers: readonly RemotePeer[] }
    return line ?? peers.find(({ link }) => link.peer === id && !link.options.incoming)?.link
  }

  /** Whether the realm where the actor is says that it leaves with that nonce. */
  async #confirm(to: RemoteRef, nonce: string): Promise<boolean> {
    const request = requestOf(this.#realm, 'departs', [nonce])
    to.control(request)
    return (await request.promise.catch(() => false)) === true
  }

  #departs(target: Ref, nonce: unknown): unknown {
    const cell = this.#travellers.behind(target)
    const isGoing = cell && this.#departures.isGoing(cell, nonce)
    if (isGoing !== undefined) return isGoing
    const { detour } = cell?.life ?? {}
    return detour instanceof Onward && typeof nonce === 'string' && this.#confirm(detour.to, nonce)
  }
}

/** The actor that was taken from that peer, which the peer has at that place. Throws `not-found`. */
function arrivalAt(requests: Requests, link: Link, index: unknown): Arrival {
  const target = requests.target(link, index)
  if (target instanceof Entrance) return target.arrival
  throw new ActorError('not-found', 'no actor that moves is there')
}

/** What moves the actors of a realm, made when it is first asked for. */
export const movingOf = (realm: Realm): Moving => (realm.moving ??= new Moving(realm)) as Moving
