import type { Deadlined } from '../ground/deadlines.js'
import { Deferred } from '../ground/deferred.js'
import { ActorError } from '../ground/errors.js'
import type { Expiring, ExpiringList } from '../ground/expiring.js'
import { QUEUE } from '../ground/limits.js'
import type { Holder, Message } from '../message/message.js'
import type { Home, Ref, Verb } from '../message/ref.js'
import type { RemoteRef, Route } from './remote-ref.js'

/** A message that waits, for as long as it may. */
class Waiter implements Deadlined {
  list: ExpiringList | undefined = undefined
  earlier: Expiring | undefined = undefined
  later: Expiring | undefined = undefined

  constructor(
    readonly message: Message,
    readonly deadline: number,
    readonly expire: () => void,
  ) {}
}

/** The way to an actor that is not there now: messages wait, in order, until it is, or until it never will be. */
export class WaitingRoute implements Route, Holder {
  readonly trusted = true
  readonly #home: Home
  readonly #ref: RemoteRef
  readonly #ttl: number
  readonly #waiters = new Set<Waiter>()
  readonly #arrived = new Deferred<Ref>()
  #found: Ref | undefined
  #lost: ActorError | undefined

  /** Messages wait for `ttl` milliseconds at most. */
  constructor(home: Home, ref: RemoteRef, ttl = Infinity) {
    this.#home = home
    this.#ref = ref
    this.#ttl = ttl
    // Whoever awaits it gets the reason; nobody has to.
    this.#arrived.promise.catch(() => {})
  }

  get patience(): number {
    return Infinity
  }

  get open(): boolean {
    return this.#lost === undefined
  }

  protected get isAwaited(): boolean {
    return this.#waiters.size > 0
  }

  /** The actor, once it is there: all goes to it. */
  get found(): Ref | undefined {
    return (this.#found = this.#found?.actual)
  }

  deliver(message: Message): void {
    const { found } = this
    if (found) return found.deliver(message)
    const refusal = this.#lost ?? this.refusal()
    if (refusal) return message.fail(refusal)
    if (this.#waiters.size >= QUEUE) {
      return message.fail(new ActorError('overloaded', `${QUEUE} messages wait for ${this.#ref.address.path} already`))
    }
    const home = this.#home
    const now = (home.time = home.env.now())
    const waiter = new Waiter(message, now + this.#ttl, () => this.#expired(waiter))
    message.holder = this
    this.#waiters.add(waiter)
    if (waiter.deadline !== Infinity) home.deadlines.add(waiter, now)
    this.awaited()
  }

  async control(verb: Verb, options?: unknown): Promise<unknown> {
    return (await this.#wait()).control(verb, options)
  }

  watch(listener: (reason: unknown) => void): () => void {
    let undo = (): void => {}
    let isOver = false
    this.awaited()
    this.#arrived.promise.then(
      (found) => {
        if (!isOver) undo = found.watch(listener)
      },
      (error: unknown) => isOver || listener(error),
    )
    return () => {
      isOver = true
      undo()
    }
  }

  withdraw(message: Message): boolean {
    return !message.started
  }

  /** The actor is there. */
  arrive(found: Ref): void {
    this.#found = found
    this.#arrived.resolve(found)
    for (const { message } of this.#empty()) if (!message.settled) found.deliver(message)
  }

  /** It will never be there: what waits was never run. */
  giveUp(reason: ActorError): void {
    this.#lost = reason
    this.#arrived.reject(reason)
    for (const { message } of this.#empty()) message.fail(reason)
  }

  /** Why nothing may wait now, if so. */
  protected refusal(): ActorError | undefined {
    return undefined
  }

  /** What a message that waited too long fails with. */
  protected missing(): ActorError {
    return new ActorError('unreachable', `${this.#ref.address.path} did not come back in time`)
  }

  /** Somebody waits. */
  protected awaited(): void {}

  /** Nobody waits any more. */
  protected forgotten(): void {}

  async #wait(): Promise<Ref> {
    const { env } = this.#home
    const late = new Deferred<never>()
    const timer = this.#ttl === Infinity ? undefined : env.setTimer(() => late.reject(this.missing()), this.#ttl)
    try {
      this.awaited()
      return this.found ?? (await Promise.race([this.#arrived.promise, late.promise]))
    } finally {
      env.clearTimer(timer)
    }
  }

  #empty(): Waiter[] {
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const waiter of waiters) waiter.list?.remove(waiter)
    this.forgotten()
    return waiters
  }

  #expired(waiter: Waiter): void {
    const { message } = waiter
    this.#waiters.delete(waiter)
    if (this.#waiters.size === 0) this.forgotten()
    if (message.settled) return
    const error = this.missing()
    if (message.expectsReply) this.#home.lost(error, `${message.method}() to ${this.#ref.address.path}`)
    message.fail(error)
  }
}
