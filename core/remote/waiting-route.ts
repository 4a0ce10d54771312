import type { Deadlined } from '../ground/deadlines.js'
import { ActorError } from '../ground/errors.js'
import type { Expiring, ExpiringList } from '../ground/expiring.js'
import { QUEUE } from '../ground/limits.js'
import type { Holder, Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import type { RemoteRef, Route } from './remote-ref.js'

/** Something that waits for the actor, for as long as it may. */
class Waiter implements Deadlined {
  list: ExpiringList | undefined = undefined
  earlier: Expiring | undefined = undefined
  later: Expiring | undefined = undefined

  constructor(
    readonly deadline: number,
    readonly arrived: (found: Ref) => void,
    readonly failed: (reason: ActorError, isLate: boolean) => void,
    readonly expire: () => void,
  ) {}
}

/** The way to an actor that is not there now: messages wait, in order, until it is, or until it never will be. */
export class WaitingRoute implements Route, Holder {
  readonly trusted = true
  protected readonly ref: RemoteRef
  readonly #ttl: number
  readonly #waiters = new Set<Waiter>()
  #found: Ref | undefined
  #lost: ActorError | undefined

  readonly #timeout: number

  /** Messages wait for `ttl` milliseconds at most; calls that state no time have `timeout`. */
  constructor(ref: RemoteRef, ttl = Infinity, timeout = Infinity) {
    this.ref = ref
    this.#ttl = ttl
    this.#timeout = timeout
  }

  get defaultTimeout(): number {
    return this.#timeout
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
    this.#pass(message, (actor) => actor.deliver(message), true)
  }

  control(request: Message): void {
    this.#pass(request, (actor) => actor.control(request))
  }

  /** Now, or when it is there. Of a message that waited too long it is told. */
  #pass(message: Message, to: (actor: Ref) => void, isTold?: boolean): void {
    const { found } = this
    if (found) return to(found)
    const { path } = this.ref.address
    const refusal = this.#lost ?? this.refusal()
    if (refusal) return message.fail(refusal)
    if (this.#waiters.size >= QUEUE)
      return message.fail(new ActorError('overloaded', `${QUEUE} messages wait for ${path} already`))
    message.holder = this
    const arrived = (actor: Ref): void => {
      if (!message.settled) to(actor)
    }
    const failed = (reason: ActorError, isLate: boolean): void => {
      // Of one that expects no reply it is told when it fails.
      if (isTold && isLate && message.isLostWhenLate && !message.settled)
        this.ref.home.lost(reason, `${message.method}() to ${path}`)
      message.fail(reason)
    }
    this.#wait(arrived, failed)
  }

  watch(listener: (reason: unknown) => void): () => void {
    if (this.found) return this.found.watch(listener)
    // What was never there can be awaited for ever; what was there has ended for those who watch it, if it stays away.
    const ttl = !this.ref.query ? Infinity : this.#ttl
    let undo = this.#wait((found) => (undo = found.watch(listener)), listener, ttl)
    return () => undo()
  }

  withdraw(message: Message): boolean {
    return !message.started
  }

  /** The actor is there. */
  arrive(found: Ref): void {
    this.#found = found
    for (const { arrived } of this.#empty()) arrived(found)
  }

  /** It will never be there: what waits was never run. */
  giveUp(reason: ActorError): void {
    this.#lost = reason
    for (const { failed } of this.#empty()) failed(reason, false)
  }

  /** Why nothing may wait now, if so. */
  refusal(): ActorError | undefined {
    return undefined
  }

  /** What a message that waited too long fails with. */
  protected missing(): ActorError {
    return new ActorError('unreachable', `${this.ref.address.path} did not come back in time`)
  }

  /** Somebody waits. */
  protected awaited(): void {}

  /** Nobody waits any more. */
  protected forgotten(): void {}

  /** Returns the undo. */
  #wait(arrived: Waiter['arrived'], failed: Waiter['failed'], ttl = this.#ttl): () => void {
    const home = this.ref.home
    const now = (home.time = home.env.now())
    const waiter = new Waiter(now + ttl, arrived, failed, () => {
      leave()
      failed(this.missing(), true)
    })
    const leave = (): void => this.#remove(waiter)
    if (this.#lost) {
      failed(this.#lost, false)
      return leave
    }
    this.#waiters.add(waiter)
    if (waiter.deadline !== Infinity) home.deadlines.add(waiter, now)
    this.awaited()
    return leave
  }

  #empty(): Waiter[] {
    const waiters = [...this.#waiters]
    for (const waiter of waiters) this.#remove(waiter)
    return waiters
  }

  #remove(waiter: Waiter): void {
    if (!this.#waiters.delete(waiter)) return
    waiter.list?.remove(waiter)
    if (this.#waiters.size === 0) this.forgotten()
  }
}
