// The room remote: an actor elsewhere, and the ways to it.
import { queueMicrotask } from '../ground/env.js'
import type { Address } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import type { Limits } from '../ground/limits.js'
import { type AskOptions, sendAsk } from '../message/ask.js'
import type { Message } from '../message/message.js'
import type { Finder } from './named-route.js'
import type { Lease } from './lease.js'
import type { Remotes } from './remotes.js'
import { WaitingRoute } from './waiting-route.js'
import { type Callee, type Home, Ref } from '../message/ref.js'

/** What a reference to another realm needs of its own. */
export interface RemoteHome extends Home {
  /** What is held of other realms. */
  readonly remotes: Remotes
  readonly directory: Finder
  readonly limits: { readonly trusted: Pick<Limits, 'early'> }
  readonly closed: boolean
  /** How many peers are on their way back. */
  readonly returning: number
  /** A way to look for an actor again whose routes are all closed; undefined where nothing may come of it. */
  seek(ref: RemoteRef, query: string): Route | undefined
}

/** A way to an actor elsewhere. */
export interface Route {
  /** Deadline that it imposes on calls that have none, in milliseconds. */
  readonly defaultTimeout: number
  /** Whether messages can leave by it. */
  readonly open: boolean
  /** Another one to take now that this one is closed. */
  readonly next?: Route | undefined
  /** Where it ends, if that turned out to be another reference. */
  readonly found?: Ref | undefined
  deliver(message: Message): void
  control(request: Message): void
  /** Calls `listener` when the actor has ended or this way to it has. Returns its undo. */
  watch(listener: (reason: unknown) => void): () => void
}

/** An actor, a function or a stream elsewhere. The route may change; the reference stays. */
export class RemoteRef extends Ref {
  /**
   * What it was looked up by: where every route is closed, it is looked up again. Empty for one that was never looked up,
   * which may be reached by another way only, and undefined for one that was released.
   */
  query: string | undefined = ''
  /** Milliseconds that messages wait for it where every route is closed, if a lookup said so. */
  ttl: number | undefined = undefined
  route!: Route
  /** What it costs those who handed it out; ended when nobody holds it any more. */
  readonly leases: Lease[] = []
  readonly #callee: Callee
  /** The message that brought it, for a function or a stream. */
  along: WeakRef<Message> | undefined = undefined
  /** For a stream of the platform: it errors, since the link that leads to it has ended. */
  linkEnded: ((reason: ActorError) => void) | undefined = undefined
  #isOwned = false
  /** How often somebody let go of it. */
  #gone = 0

  constructor(
    override readonly home: RemoteHome,
    override readonly address: Address,
    override readonly key: string,
    route?: Route,
  ) {
    super()
    this.#callee = { home, address }
    if (route) this.route = route
  }

  get defaultTimeout(): number {
    return this.route.defaultTimeout
  }

  override get actual(): Ref {
    return this.route.found ?? this
  }

  override get isElsewhere(): boolean {
    return true
  }

  // A reference that was collected is given back, also while a call of it is pending.
  override get callee(): Callee {
    return this.#callee
  }

  override own(): void {
    this.#isOwned = true
  }

  /** Each time that it came somebody may let go of it; with the last one it is given back. */
  override disposeProxy(): void {
    const times = this.leases.reduce((sum, { count }) => sum + count, 0)
    if (!this.#isOwned && ++this.#gone >= times) this.release()
  }

  /** Gives it back now, whoever has it. */
  release(): void {
    this.query = undefined
    this.#giveUp(`the proxy to ${this.address.path} was released here`)
    this.home.remotes.release(this)
  }

  deliver(message: Message): void {
    this.#open().deliver(message)
  }

  /** A call by the handler on the stack; where there is none, by that of the message that brought this, while it runs. */
  call(method: string, args: readonly unknown[], options?: AskOptions): Promise<unknown> {
    const { home } = this
    const outer = home.current
    const along = this.along?.deref()
    if (!outer && along?.isHandled) home.current = along
    try {
      return sendAsk(this, method, args, options)
    } finally {
      home.current = outer
    }
  }

  control(request: Message): void {
    this.#open().control(request)
  }

  /** A way that ended says nothing of the actor as long as there is another one. */
  watch(listener: (reason: unknown) => void): () => void {
    const route = this.#open()
    let undo = (): void => {}
    if (!route.open)
      queueMicrotask(() => listener(new ActorError('unreachable', `${this.address.path} cannot be reached`)))
    else {
      undo = route.watch((reason) => {
        // Where it was looked for and not found, it would be looked for again at once, and again.
        if (route.open || route instanceof WaitingRoute || !this.#open().open) listener(reason)
        else undo = this.watch(listener)
      })
    }
    return () => undo()
  }

  #open(): Route {
    while (!this.route.open && this.route.next) this.route = this.route.next
    if (this.route.open) return this.route
    if (this.query !== undefined) this.route = this.home.seek(this, this.query) ?? this.route
    // A function is nobody to look for: it is gone with the way to it.
    if (this.address.kind === 'function' && !(this.route instanceof WaitingRoute))
      this.#giveUp('the link to the owner of the function ended')
    return this.route
  }

  #giveUp(text: string): void {
    const route = new WaitingRoute(this)
    route.giveUp(new ActorError('released', text))
    this.route = route
  }
}
