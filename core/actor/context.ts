import { aborter } from '../ground/abort.js'
import type { AskOptions, Origin } from '../message/ask.js'
import { ActorError } from '../ground/errors.js'
import type { Caller, Message } from '../message/message.js'
import { askingOf } from '../proxy/later.js'
import type { Cell } from './cell.js'
import type { Hosting } from './hosting.js'
import { borrow, own, requireRef, telling, type TellOptions } from '../proxy/proxy.js'
import type { Asking, Proxy, Storing, Telling } from '../proxy/proxy-types.js'
import type { Ref } from '../message/ref.js'
import { Step } from './stream.js'
import type { ActorClass, AnySpawnOptions, SpawnRest } from '../supervision/spawn-options.js'
import type { Streams } from '../supervision/streams.js'

/**
 * What an actor has as `this.context`, from `onStart` on. "The message" is the one being handled. With
 * `static concurrency` above 1, and while a generator waits, there are several: take the context before the first
 * `await`, as in `const { context } = this`.
 */
export interface Context<A> {
  /** A borrowed proxy to this actor. */
  readonly self: Proxy<A>
  /** The actor that sent the message; undefined if it was sent from outside of an actor. */
  readonly sender: Proxy<unknown> | undefined
  /** The peer at the other end of the link that brought the message; undefined for messages from this realm. */
  readonly caller: Caller | undefined
  /** The actor that spawned this one with `context.spawn`. */
  readonly parent: Proxy<unknown> | undefined
  /** The actors that this one spawned with `context.spawn`, and that live. */
  readonly children: readonly Proxy<unknown>[]
  /**
   * Fires when the caller aborts, when the message's deadline has passed, and when the link to the caller ends. An
   * abort arrives as a task of its own: a loop that never awaits one does not see it.
   */
  readonly signal: AbortSignal
  /** Milliseconds left for this message; Infinity without a deadline. */
  readonly deadline: number
  /**
   * Spawns a child, which stops before this actor does. Takes any class, and the options of `dispatcher.spawn`.
   * Rejects as that does, with `quota` if children are nested too deeply, and with `stopped` if this instance has been
   * replaced.
   */
  spawn<C extends ActorClass>(actor: C, ...options: SpawnRest<C>): Promise<Proxy<InstanceType<C>>>
  /** Stops this actor when the messages in its mailbox are handled. With `restart: 'permanent'` it starts again. */
  stop(): void
  /**
   * Runs `work` every `ms` milliseconds, as a message of this actor, until the actor ends or restarts. An error in it
   * restarts the actor. Returns a function that ends this. Throws `malformed` for a wrong time, and `stopped` if this
   * instance has been replaced or the actor is stopping.
   */
  every(ms: number, work: () => unknown): () => void
  /** As `ask`. The call always carries this actor as its sender, and the message's deadline, abort and call chain. */
  ask<B>(proxy: Proxy<B> | PromiseLike<Proxy<B>>, options?: AskOptions): Asking<B>
  /** As `tell`. The message always carries this actor as its sender. */
  tell<B>(proxy: Proxy<B>, options: TellOptions & { readonly ack: 'stored' }): Storing<B>
  tell<B>(proxy: Proxy<B>, options?: TellOptions): Telling<B>
}

/** The actor as a sender, for the message that is being handled. */
class Handling implements Origin {
  readonly actor: Cell
  readonly #message: Message | undefined

  constructor(actor: Cell, message: Message | undefined) {
    this.actor = actor
    this.#message = message
  }

  get home(): Cell['home'] {
    return this.actor.home
  }

  /** Undefined where many are being handled, and nobody can tell whose code it is that asks. */
  get known(): Message | undefined {
    const { actor } = this
    const message = this.#message
    if (message) return message instanceof Step ? message.stream.present : message
    return actor.plan.concurrency === 1 ? actor.current : undefined
  }

  /** The same, and throws there. */
  get current(): Message | undefined {
    const { actor, known } = this
    if (known || actor.plan.concurrency === 1 || !actor.current) return known
    throw new ActorError(
      'not-found',
      "an actor whose 'concurrency' is above 1 takes its context before the first await: const { context } = this",
    )
  }
}

/**
 * The context of one incarnation of an actor; of one of its messages, where it handles several at a time. One that is over
 * neither spawns nor stops anything in the next.
 */
export class ActorContext implements Context<unknown> {
  readonly #cell: Cell
  readonly #instance: object
  readonly #handling: Handling

  constructor(cell: Cell, instance: object, message?: Message) {
    this.#cell = cell
    this.#instance = instance
    this.#handling = new Handling(cell, message)
  }

  get self(): Proxy<unknown> {
    return borrow(this.#cell) as Proxy<unknown>
  }

  get sender(): Proxy<unknown> | undefined {
    const sender = this.#handling.current?.sender as Ref | undefined
    return sender && (borrow(sender) as Proxy<unknown>)
  }

  get caller(): Caller | undefined {
    return this.#handling.current?.caller
  }

  get parent(): Proxy<unknown> | undefined {
    const { parent } = this.#cell
    return parent && (borrow(parent) as Proxy<unknown>)
  }

  get children(): Proxy<unknown>[] {
    return Array.from(this.#cell.life.children, (child) => borrow(child) as Proxy<unknown>)
  }

  /** The message, where it is known; for the actors of core. */
  get message(): Message | undefined {
    return this.#handling.known
  }

  /** What ends with this incarnation. Throws `stopped` if that is gone. */
  get endings(): Streams {
    return this.#living().life.streams
  }

  get signal(): AbortSignal {
    return this.#handling.current?.signal ?? aborter().signal
  }

  get deadline(): number {
    const at = this.#handling.current?.deadline ?? Infinity
    return at === Infinity ? Infinity : at - this.#cell.home.env.now()
  }

  get dispatcher(): Context<unknown>['dispatcher'] {
    return this.#cell.home.dispatcher as Context<unknown>['dispatcher']
  }

  async spawn<C extends ActorClass>(actor: C, ...[given]: SpawnRest<C>): Promise<Proxy<InstanceType<C>>> {
    const options: AnySpawnOptions = given ?? {}
    const cell = this.#living()
    const { life, home } = cell
    life.checkParent()
    const kept = options.name === undefined ? undefined : (life.children.reclaim(options.name) as Cell | undefined)
    const origin = { parent: cell, waiting: cell.current }
    return own(kept ?? (await (home.hosting as Hosting).spawn(actor, options, origin))) as Proxy<InstanceType<C>>
  }

  stop(): void {
    if (this.#isCurrent) this.#cell.life.leave()
  }

  every(ms: number, work: () => unknown): () => void {
    return this.#living().life.every(ms, work)
  }

  ask<B>(proxy: Proxy<B> | PromiseLike<Proxy<B>>, options?: AskOptions): Asking<B> {
    return askingOf(proxy, options, this.#handling) as Asking<B>
  }

  tell<B>(proxy: Proxy<B>, options: TellOptions & { readonly ack: 'stored' }): Storing<B>
  tell<B>(proxy: Proxy<B>, options?: TellOptions): Telling<B>
  tell<B>(proxy: Proxy<B>, options?: TellOptions): Telling<B> | Storing<B> {
    return telling(requireRef(proxy), options, this.#handling) as Telling<B> | Storing<B>
  }

  get #isCurrent(): boolean {
    return this.#cell.life.recovery.serves(this.#instance)
  }

  #living(): Cell {
    if (this.#isCurrent) return this.#cell
    throw new ActorError('stopped', `${this.#cell.address.path} was restarted: this instance of it is gone`)
  }
}
