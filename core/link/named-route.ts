import type { Deadlined } from '../deadlines.js'
import { Deferred } from '../deferred.js'
import type { Directory } from '../directory.js'
import { ActorError, type ErrorCode } from '../errors.js'
import type { Expiring, ExpiringList } from '../expiring.js'
import { QUEUE } from '../limits.js'
import type { Holder, Message } from '../message.js'
import type { Home, Ref, Verb } from '../ref.js'
import { RemoteRef, type Route } from './remote-ref.js'

/** A message that waits for a name, for as long as it may. */
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

export interface NamedRouteOptions {
  /** Milliseconds that a message waits. */
  readonly ttl: number
  /** What it fails with that waited longer. */
  readonly code: ErrorCode
  /** Whether anybody may still come; without it nothing waits. */
  readonly hope: () => boolean
}

/**
 * The way to an actor that is not there: messages wait, in order, until what is sought appears somewhere.
 * One that outlives its time to live is a dead letter, and fails as never run.
 */
export class NamedRoute implements Route, Holder {
  readonly open = true
  readonly patience = Infinity
  readonly trusted = true
  readonly #home: Home
  readonly #directory: Directory
  readonly #ref: RemoteRef
  readonly #sought: string
  readonly #options: NamedRouteOptions
  readonly #waiters = new Set<Waiter>()
  readonly #arrived = new Deferred<Ref>()
  #found: Ref | undefined
  #undo: (() => void) | undefined
  #searching = false
  #again = false

  constructor(home: Home, directory: Directory, ref: RemoteRef, sought: string, options: NamedRouteOptions) {
    this.#home = home
    this.#directory = directory
    this.#ref = ref
    this.#sought = sought
    this.#options = options
  }

  /** The actor, once it is there: all goes to it. */
  get found(): Ref | undefined {
    return (this.#found = this.#found?.actual)
  }

  deliver(message: Message): void {
    const { found } = this
    if (found) return found.deliver(message)
    if (!this.#options.hope()) return message.fail(this.#missing())
    if (this.#waiters.size >= QUEUE) {
      return message.fail(new ActorError('overloaded', `${QUEUE} messages wait for '${this.#sought}' already`))
    }
    const home = this.#home
    const now = (home.time = home.env.now())
    const waiter = new Waiter(message, now + this.#options.ttl, () => this.#expired(waiter))
    message.holder = this
    this.#waiters.add(waiter)
    home.deadlines.add(waiter, now)
    this.#search()
  }

  async control(verb: Verb, options?: unknown): Promise<unknown> {
    const { env } = this.#home
    const late = new Deferred<never>()
    const timer = env.setTimer(() => late.reject(this.#missing()), this.#options.ttl)
    try {
      this.#search()
      const found = this.found ?? (await Promise.race([this.#arrived.promise, late.promise]))
      return await found.control(verb, options)
    } finally {
      env.clearTimer(timer)
    }
  }

  withdraw(message: Message): boolean {
    return !message.started
  }

  #expired(waiter: Waiter): void {
    const { message } = waiter
    this.#waiters.delete(waiter)
    if (this.#waiters.size === 0) this.#rest()
    if (message.settled) return
    const error = this.#missing()
    this.#home.lost(error, `${message.method}() to '${this.#sought}'`)
    message.fail(error)
  }

  #missing(): ActorError {
    return new ActorError(this.#options.code, `nobody called '${this.#sought}' is there or came in time`)
  }

  /** Looks now, and again whenever the name appears, for as long as somebody waits. */
  #search(): void {
    if (this.#found) return
    this.#undo ??= this.#directory.await(this.#sought, () => this.#search())
    this.#again = this.#searching
    if (this.#searching) return
    this.#searching = true
    void this.#directory.find(this.#sought).then((answer) => {
      this.#searching = false
      const found = answer?.actual
      if (found && (found !== this.#ref || this.#ref.route !== this)) this.#arrive(found)
      else if (this.#again) this.#search()
    })
  }

  #rest(): void {
    this.#undo?.()
    this.#undo = undefined
  }

  #arrive(found: Ref): void {
    this.#rest()
    this.#found = found
    if (found instanceof RemoteRef) found.sought ??= this.#sought
    this.#ref.address = found.address
    this.#ref.key = found.key
    this.#arrived.resolve(found)
    for (const waiter of this.#waiters) {
      waiter.list?.remove(waiter)
      if (!waiter.message.settled) found.deliver(waiter.message)
    }
    this.#waiters.clear()
  }
}
