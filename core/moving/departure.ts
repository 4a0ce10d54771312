import type { Cell } from '../actor/cell.js'
import { Deferred } from '../ground/deferred.js'
import { ActorError, isUnsendable, withoutCode } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import type { Message } from '../message/message.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import type { Detour } from '../supervision/detour.js'
import { controlHere, HeldRequests } from './held-requests.js'
import { checkMovable } from './obstacle.js'
import { saidBy } from './movable-class.js'
import { optionsOf, type Place, readPlace } from './parcel.js'
import { placeOf, tellSpawner } from './places.js'

/** Milliseconds after which it is looked again whether the actor rests: a restart may have let it go on. */
const AGAIN = 50

/** Says whose state it is that cannot be sent. */
const unsent = (error: unknown, path: string): unknown =>
  error instanceof ActorError && isUnsendable(error)
    ? new ActorError(error.code, `the state or the options of ${path}: ${withoutCode(error)}`, { cause: error })
    : error

/** What is known of an actor in each realm where it has been. */
export interface Pass {
  /** Tells it from all others. */
  readonly pass: string
  /** Whether its id was given to it, and not made up. */
  readonly isIdGiven: boolean
}

/**
 * An actor that leaves for another realm: what runs comes to its end, and what comes waits. The other realm makes the
 * actor, and says so; only then it is told to begin. So until that the actor can go on here, whatever happens there.
 */
export class Departure implements Detour {
  readonly actual: Cell
  /** Tells this move from all others. */
  readonly nonce: string
  readonly #link: Link
  readonly #pass: Pass
  /** Makes the actor here lead to the one there. */
  readonly #left: (to: RemoteRef) => Promise<void>
  readonly #late = new Deferred<never>()
  readonly #requests = new HeldRequests()
  #rest: Deferred<void> | undefined
  #state: 'stays' | 'is paused' | 'is frozen' | 'crosses' | 'has left' = 'stays'

  constructor(cell: Cell, link: Link, pass: Pass, left: (to: RemoteRef) => Promise<void>) {
    this.actual = cell
    this.nonce = cell.home.env.id()
    this.#link = link
    this.#pass = pass
    this.#left = left
    this.#late.promise.catch(() => {})
  }

  /** Resolves when the actor goes on there. Rejects with why it goes on here, or with `unknown`. */
  async go(timeout: number): Promise<void> {
    const { home, life, address } = this.actual
    const text = `${address.path} did not move within ${timeout} ms, and stays`
    const late = (): void => this.#late.reject(new ActorError('timeout', text))
    const timer = timeout === Infinity ? undefined : home.env.setTimer(late, timeout)
    life.detour = this
    try {
      this.#check()
      await this.#freeze()
      this.#check()
      await this.#carry()
    } finally {
      home.env.clearTimer(timer)
      if (this.#state !== 'has left') this.#thaw()
      this.#requests.release(this.actual)
    }
  }

  /** Once it may have begun there, what is asked of it is asked of the one who goes on. */
  control(request: Message): void {
    if (this.#state === 'crosses' && request.method !== 'ping' && request.method !== 'info')
      this.#requests.hold(request)
    else controlHere(this.actual, request)
  }

  rested(): void {
    this.#rest?.resolve()
  }

  #check(): void {
    const { state, address } = this.actual
    if (state === 'stopping' || this.actual.hasEnded) throw new ActorError('stopped', `${address.path} is stopped`)
    checkMovable(this.actual)
  }

  /** Resolves when no handler runs. None begins then. */
  async #freeze(): Promise<void> {
    const { actual: cell } = this
    const { life, address } = cell
    for (;;) {
      this.#check()
      const { isSettled, isRetrying } = life.recovery
      // Messages that are tried again have begun here.
      if (isSettled && !isRetrying) {
        cell.pause()
        this.#state = 'is paused'
        if (!cell.oldest && !life.streams.steps?.size) break
      }
      await this.#inTime(this.#nextRest())
    }
    if (!life.isUp) throw new ActorError('not-movable', `${address.path} has not started`)
    life.phase = 'move'
    this.#state = 'is frozen'
  }

  async #nextRest(): Promise<void> {
    const { env } = this.actual.home
    const rest = (this.#rest = new Deferred<void>())
    const timer = env.setTimer(rest.resolve, AGAIN, true)
    this.#late.promise.catch(rest.resolve)
    await rest.promise
    env.clearTimer(timer)
  }

  async #carry(): Promise<void> {
    const link = this.#link
    const state = await this.#inTime(this.#snapshot())
    const arriving = this.#arrive(state)
    let place
    try {
      place = await this.#inTime(arriving)
      this.#check()
      await this.#inTime(tellSpawner(this.actual, link))
      this.#check()
    } catch (error) {
      // It may have been made there, or be made yet.
      arriving.then(({ index }) => link.request('dismiss', [index])).catch(() => {})
      throw error
    }
    const to = placeOf(this.actual, link, place)
    const doubt = await this.#cross(place)
    this.#state = 'has left'
    const left = this.#left(to)
    this.#requests.release(this.actual)
    if (doubt) throw doubt
    // What `onStop` still does is no part of the move.
    await this.#inTime(left).catch(() => {})
  }

  async #snapshot(): Promise<unknown> {
    try {
      return await this.actual.perform('snapshot', [])
    } catch (cause) {
      throw new ActorError('not-movable', `snapshot() of ${this.actual.address.path} threw`, { cause })
    }
  }

  async #arrive(state: unknown): Promise<Place> {
    const { actual: cell } = this
    const link = this.#link
    const { pass, isIdGiven } = this.#pass
    const { id, life } = cell
    const { key, version } = saidBy(life.recovery.actorClass)!
    const parcel = { pass, nonce: this.nonce, id, isIdGiven, state, version, from: cell }
    try {
      return readPlace(await link.request('arrive', [key, optionsOf(cell, isIdGiven), parcel], Infinity))
    } catch (cause) {
      if (link.open) throw unsent(cause, cell.address.path)
      throw new ActorError('unreachable', `the link to ${link.peer} ended; ${cell.address.path} stays`, { cause })
    }
  }

  /** Has it begin there. Resolves to an error if it can't be known whether it did. */
  async #cross({ index }: Place): Promise<ActorError | undefined> {
    const { life, address } = this.actual
    const link = this.#link
    this.#state = 'crosses'
    try {
      await link.request('begin', [index, life.isAsleep], Infinity)
      return undefined
    } catch (cause) {
      const text = `the link to ${link.peer} ended while ${address.path} moved: it goes on there, or has ended`
      if (!link.open && (cause as ActorError).code === 'unknown') return new ActorError('unknown', text, { cause })
      this.#state = 'is frozen'
      throw cause
    }
  }

  /** It goes on here. */
  #thaw(): void {
    const { actual: cell } = this
    const { life } = cell
    life.detour = undefined
    if (this.#state === 'stays') return
    if (this.#state === 'is frozen') {
      life.phase = undefined
      if (cell.state === 'suspended' && !life.isAsleep) cell.enter('running')
    }
    if (!life.phase && (cell.state === 'running' || cell.state === 'stopping')) cell.unpause()
  }

  /** Rejects with `timeout` once the time of the move is over. */
  #inTime<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#late.promise])
  }
}
