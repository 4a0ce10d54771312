import { Actor } from '../actor/actor.js'
import { onAbort } from '../ground/abort.js'
import type { Env } from '../ground/env.js'
import { today } from '../ground/today.js'
import { requireRef } from '../proxy/proxy.js'
import { after } from './after.js'
import { checkLease, expired, Grant } from './grant.js'
import { handOver, messageOf } from './hand-over.js'
import { Waiters } from './waiters.js'

/** The options of `acquire` and `hold`. */
export interface HoldOptions {
  /** Time in ms for which it is held. 30,000 unless given. A stream of `hold` renews it while it is read. */
  readonly lease?: number | undefined
}

/** The longest time in ms after which a stream of `hold` gives a value, so that its reader shows that it is there. */
const QUIET = 10_000

/**
 * What can be held: the base class of locks and semaphores.
 *
 * Each holder has a token, a number that only grows, also when the actor is started again. Whoever comes first is served
 * first. A call of `acquire` or a stream of `hold` that is aborted, or whose link ends, leaves the queue.
 */
export abstract class Holdable<O extends HoldOptions = HoldOptions> extends Actor {
  static readonly concurrency: number = Infinity
  /** Permits that nobody has. */
  #free: number
  /** The last token; undefined before the first one. */
  #last: number | undefined
  readonly #grants = new Map<number, Grant>()
  readonly #waiters = new Waiters<void, Grant>()

  constructor(permits: number) {
    super()
    this.#free = permits
  }

  /**
   * Waits for its turn and holds it until `release`, or until the lease is over. If the caller may die, use the function
   * `acquire` or the stream `hold`, which release at once.
   *
   * Resolves to the token. To bound the wait, call it by `ask(lock, { timeout, signal })`. Rejects with `malformed` for
   * wrong options, and with `overloaded` if 131,072 calls wait.
   */
  async acquire(options?: O): Promise<number> {
    const { context } = this
    const message = messageOf(context)
    const grant = await this.#granted(options, context.signal)
    handOver(message, () => this.#leave(grant))
    return grant.token
  }

  /** Holds it if that is possible without waiting. Returns the token, or undefined. */
  tryAcquire(options?: O): number | undefined {
    const grant = this._grant(options)
    if (grant.token) grant.depth++
    else if (this.#hasRoom(grant)) this.#begin(grant)
    if (!grant.token) return undefined
    handOver(messageOf(this.context), () => this.#leave(grant))
    return grant.token
  }

  /** Releases what the token stands for. Returns whether it was still held: a stale token changes nothing. */
  release(token: number): boolean {
    const grant = this.#find(token)
    if (grant) this.#leave(grant)
    return grant !== undefined
  }

  /** Lets the lease begin anew, with `lease` ms in place of what it had. Returns false for a token that is not held. */
  renew(token: number, lease?: number): boolean {
    const grant = this.#find(token)
    if (grant) this.#arm(grant, lease === undefined ? grant.lease : checkLease(lease))
    return grant !== undefined
  }

  /** Whether the token is held at the moment. */
  check(token: number): boolean {
    return this.#find(token) !== undefined
  }

  /** Whether somebody holds it. */
  locked(): boolean {
    return this.#grants.size > 0
  }

  /**
   * Waits for its turn and holds it for as long as the stream is read: the function `acquire` reads it.
   *
   * The stream gives the token at once, and again before the lease is over. It is released when the stream is left, when
   * its link ends, when the actor that called ends, or when no value was asked for during the time of the lease. Then the
   * stream fails with `expired`.
   */
  async *hold(options?: O): AsyncGenerator<number, void, undefined> {
    const { signal, sender } = this.context
    const lease = checkLease(options?.lease)
    const grant = await this.#granted(options, signal)
    let isLeft = false
    let rest = (): void => {}
    const leave = (): void => {
      if (!isLeft) this.#leave(grant)
      isLeft = true
      rest()
    }
    onAbort(signal, leave)
    if (signal.aborted) leave()
    const unwatch = sender && requireRef(sender).watch(() => this._end(grant))
    try {
      for (;;) {
        this.#arm(grant)
        yield grant.token
        this.#find(grant.token)
        this.#arm(grant)
        let wake = (): void => {}
        await new Promise<void>((resolve) => {
          if (isLeft || grant.isOver) return resolve()
          rest = resolve
          grant.ended.add(rest)
          wake = after(this, Math.min(lease / 3, grant.lease / 3, QUIET), resolve)
        })
        wake()
        grant.ended.delete(rest)
        if (isLeft) return
        if (grant.isOver) throw expired(grant.token)
      }
    } finally {
      unwatch?.()
      leave()
    }
  }

  /** What a caller wants that gives these options: new, or what it holds already. Throws `malformed` and `expired`. */
  protected _grant(options?: O): Grant {
    return new Grant(1, checkLease(options?.lease))
  }

  /** Permits that nobody has. */
  protected get _free(): number {
    return this.#free
  }

  /** Permits that somebody holds. */
  protected get _inUse(): number {
    let held = 0
    for (const { need } of this.#grants.values()) held += need
    return held
  }

  /** There are more permits, or fewer. */
  protected _add(permits: number): void {
    this.#free += permits
    this.#serve()
  }

  /** What is held under a token. Throws `expired`. */
  protected _held(token: number): Grant {
    const grant = this.#find(token)
    if (!grant) throw expired(token)
    return grant
  }

  /** Others may have it until its holder takes it again. */
  protected _park(grant: Grant): void {
    grant.undo()
    this.#grants.delete(grant.token)
    this._add(grant.need)
  }

  /** It is never held again. */
  protected _end(grant: Grant): void {
    if (!grant.isOver) grant.end()
    if (this.#isHeld(grant)) this._park(grant)
  }

  /** Takes permits for good. */
  protected async _spend(options: O): Promise<void> {
    const { context } = this
    const message = messageOf(context)
    const grant = await this.#granted(options, context.signal)
    grant.undo()
    this.#grants.delete(grant.token)
    handOver(message, () => this._add(grant.need))
  }

  /** Resolves once it is held, for the first time or again. */
  protected async _take(grant: Grant, signal: AbortSignal): Promise<void> {
    if (this.#hasRoom(grant)) this.#begin(grant)
    else await this.#waiters.wait(signal, grant, () => this.#serve())
  }

  async #granted(options: O | undefined, signal: AbortSignal): Promise<Grant> {
    const grant = this._grant(options)
    if (grant.token) grant.depth++
    else await this._take(grant, signal)
    return grant
  }

  #hasRoom({ need }: Grant): boolean {
    return this.#waiters.size === 0 && need <= this.#free
  }

  /** Gives what is free to those who wait. One that wants much is not passed by those that want less. */
  #serve(): void {
    while (this.#waiters.size > 0 && this.#waiters.first.need <= this.#free) {
      this.#begin(this.#waiters.first)
      this.#waiters.wake()
    }
  }

  #begin(grant: Grant): void {
    // By the date, so that no token of an actor that was started again is below an earlier one.
    this.#last ??= today(this.#env) * 1_000
    grant.token = ++this.#last
    this.#free -= grant.need
    this.#grants.set(grant.token, grant)
    this.#arm(grant)
  }

  #arm(grant: Grant, lease = grant.lease): void {
    grant.undo()
    if (!this.#isHeld(grant)) return
    grant.until = this.#env.now() + lease
    grant.undo = after(this, lease, () => this._end(grant))
  }

  #isHeld(grant: Grant): boolean {
    return this.#grants.get(grant.token) === grant
  }

  /** What is held under a token. The timer of a lease that is over may be late. */
  #find(token: number): Grant | undefined {
    const grant = this.#grants.get(token)
    if (!grant || this.#env.now() < grant.until) return grant
    this._end(grant)
    return undefined
  }

  get #env(): Env {
    return requireRef(this.context.self).home.env
  }

  #leave(grant: Grant): void {
    if (--grant.depth === 0) this._end(grant)
  }
}
