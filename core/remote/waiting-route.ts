import type { Deadlined } from '../ground/deadlines.js'
import { ActorError } from '../ground/errors.js'
import { QUEUE } from '../ground/limits.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import type { RemoteRef, Route } from './remote-ref.js'

/** Something that waits for the actor, for as long as it may. */
interface Waiter extends Deadlined {
  readonly arrived: (found: Ref) => void
  readonly failed: (reason: ActorError, isLate?: boolean) => void
}

/** The way to an actor that is not there now: messages wait, in order, until it is, or until it never will be. */
export class WaitingRoute implements Route {
  protected readonly ref: RemoteRef
  readonly #ttl: number
  protected readonly waiters = new Set<Waiter>()
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
    return this.#found?.defaultTimeout ?? this.#timeout
  }

  get open(): boolean {
    return this.#lost === undefined
  }

  /** The actor, once it is there: all goes to it. */
  get found(): Ref | undefined {
    return (this.#found = this.#found?.actual)
  }

  deliver(message: Message): void {
    this.#pass(message, 'deliver')
  }

  control(request: Message): void {
    this.#pass(request, 'control')
  }

  /** Now, or when it is there. A message that waited too long is a dead letter; a request is none. */
  #pass(message: Message, verb: 'deliver' | 'control'): void {
    const { found } = this
    if (found) return found[verb](message)
    const { path } = this.ref.address
    const refusal = this.#lost ?? this.refusal?.()
    if (refusal) return message.fail(refusal)
    if (this.waiters.size >= QUEUE)
      return message.fail(new ActorError('overloaded', `${QUEUE} messages wait for ${path} already`))
    message.holder = undefined
    this.#wait(
      (actor) => {
        if (message.settled) return
        actor[verb](message)
        // It had no time while nobody knew the way. A request has its own from the link.
        if (verb === 'deliver' && message.expectsReply && !message.settled)
          this.ref.home.deadlines.addDefault(message, actor.defaultTimeout)
      },
      (reason, isLate) => {
        // One that expects no reply says so itself.
        if (isLate && verb === 'deliver' && message.isLostWhenLate && !message.settled)
          this.ref.home.lost(reason, `${message.method}() to ${path}`)
        message.fail(reason)
      },
    )
  }

  watch(listener: (reason: unknown) => void): () => void {
    const { found } = this
    if (found) return found.watch(listener)
    // What was never there can be awaited for ever; what was there has ended for those who watch it, if it stays away.
    const ttl = !this.ref.query ? Infinity : this.#ttl
    let undo = this.#wait((actor) => (undo = actor.watch(listener)), listener, ttl)
    return () => undo()
  }

  /** The actor is there. */
  arrive(found: Ref): void {
    this.#found = found
    for (const waiter of this.waiters) {
      this.#remove(waiter)
      waiter.arrived(found)
    }
  }

  /** It will never be there: what waits was never run. */
  giveUp(reason: ActorError): void {
    this.#lost = reason
    for (const waiter of this.waiters) {
      this.#remove(waiter)
      waiter.failed(reason)
    }
  }

  /** Why nothing may wait now, if so. */
  refusal?(): ActorError | undefined

  /** What a message that waited too long fails with. */
  protected missing(): ActorError {
    return new ActorError('unreachable', `${this.ref.address.path} did not come back in time`)
  }

  /** Somebody waits. */
  protected awaited?(): void

  /** Nobody waits any more. */
  protected forgotten?(): void

  /** Returns the undo. */
  #wait(arrived: Waiter['arrived'], failed: Waiter['failed'], ttl = this.#ttl): () => void {
    const { home } = this.ref
    const now = (home.time = home.env.now())
    const leave = (): void => this.#remove(waiter)
    const waiter: Waiter = {
      arrived,
      failed,
      deadline: now + ttl,
      expire: () => {
        leave()
        failed(this.missing(), true)
      },
      list: undefined,
      earlier: undefined,
      later: undefined,
    }
    this.waiters.add(waiter)
    if (ttl !== Infinity) home.deadlines.add(waiter, now)
    this.awaited?.()
    return leave
  }

  #remove(waiter: Waiter): void {
    if (!this.waiters.delete(waiter)) return
    waiter.list?.remove(waiter)
    if (this.waiters.size === 0) this.forgotten?.()
  }
}
