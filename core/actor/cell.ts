import { bindContext } from './actor.js'
import type { Address } from '../ground/address.js'
import { type Blueprint, blueprintOf, type HookName } from './blueprint.js'
import { cycleError, isCycle } from '../message/chain.js'
import { ActorContext, type Context } from './context.js'
import { ActorError } from '../ground/errors.js'
import { Hook } from './hook.js'
import { QUEUE } from '../ground/limits.js'
import { type Inbox, Queue } from '../mailbox/mailbox.js'
import type { Holder, Message } from '../message/message.js'
import type { Realm } from '../realm/realm.js'
import { borrow } from '../proxy/proxy.js'
import { Ref, type Verb } from '../message/ref.js'
import { reference } from './reference.js'
import type { Runnable } from './run-queue.js'
import type { ActorClass } from '../supervision/spawn-options.js'
import type { StopOptions } from '../message/stop-options.js'
import { ActorStream, isGenerator } from './stream.js'
import { Life } from '../supervision/life.js'
import type { Origin } from '../supervision/origin.js'
import { hasEnded, type State } from '../supervision/state.js'
import { copy } from '../wire/copy.js'
import { Work } from '../supervision/work.js'

/** After so many messages in one turn the next actor gets its own. */
const TURN = 64

/**
 * One actor of this realm: its instance, its mailbox, and the one place that runs its code.
 *
 * There may be a million of them, so it holds what a message needs and nothing else; all that happens
 * rarely (start, stop, restart, children, watchers) is its `life`, made when first needed.
 */
export class Cell extends Ref implements Holder, Runnable {
  state: State = 'initial'
  /** Messages that were handled. */
  handled = 0
  instance: object
  readonly home: Realm
  readonly id: string
  readonly plan: Blueprint
  /** When it came to be, in whole milliseconds of the realm's clock. */
  readonly since: number
  #life: Life | undefined = undefined
  #mailbox: Inbox | undefined = undefined
  #current: Message | undefined = undefined
  /** Further messages that are being handled, where more than one may be. */
  #others: Message[] | undefined = undefined
  #queued = false
  #paused = true

  constructor(home: Realm, id: string, instance: object, origin?: Origin) {
    super()
    this.home = home
    this.id = id
    this.instance = instance
    this.plan = blueprintOf(instance)
    this.since = Math.round(home.env.now())
    if (origin) this.#life = new Life(this, origin)
    bindContext(instance, this)
  }

  get address(): Address {
    const { id, name, parent, home } = this
    return { id, name, path: `${parent?.address.path ?? ''}/${name ?? id}`, kind: this.kind, realm: home.id }
  }

  get name(): string | undefined {
    return this.#life?.options.name
  }

  /** The id that it was given, where it was. */
  get givenId(): string | undefined {
    return this.#life?.options.id
  }

  get kind(): string {
    return this.#life?.kind ?? this.instance.constructor.name
  }

  get key(): string {
    return `${this.home.id}/${this.id}`
  }

  get patience(): number {
    return Infinity
  }

  get parent(): Cell | undefined {
    return this.#life?.parent
  }

  /** What happens rarely, made when first needed. */
  get life(): Life {
    return (this.#life ??= new Life(this, { actor: this.instance.constructor as ActorClass }))
  }

  contextOf(instance: object): Context<unknown> {
    const { current } = this.home
    if (this.plan.concurrency === 1 || current?.receiver !== this) return this.life.contextOf(instance)
    return new ActorContext(this, instance, current)
  }

  /** The message whose code is running, or was last to run. */
  get current(): Message | undefined {
    const { current } = this.home
    return current?.receiver === this ? current : this.#current
  }

  /** Messages that wait. */
  get waiting(): number {
    return this.#mailbox?.size ?? 0
  }

  get isIdle(): boolean {
    return this.#current === undefined && this.waiting === 0
  }

  /** Resolves once it runs; at once where nothing is to be done before. `waiting` is the message whose handler waits for that. */
  start(waiting?: Message): Promise<void> | undefined {
    const { hooks } = this.plan
    if (hooks.has('onStart') || hooks.has('shouldStart') || this.#life?.options.mailbox) return this.life.start(waiting)
    this.enter('running')
    this.#life?.rise()
    this.home.tell('started', this)
    this.unpause()
    return undefined
  }

  deliver(message: Message): void {
    const { plan, home } = this
    if (this.state === 'stopping' ? !this.#takesMore : hasEnded(this.state)) {
      return message.fail(new ActorError('stopped', `${this.address.path} is stopped; ${message.method}() did not run`))
    }
    message.holder = this
    message.receiver = this
    if (home.isolates && message.caller === undefined) {
      try {
        message.args = copy(home, message.args)
      } catch (error) {
        return message.fail(error)
      }
    }
    if (this.#current && message.isAwaited && this.#isCycle(message)) {
      if (plan.reentrant) return this.#handle(message)
      return message.fail(cycleError(this, message))
    }
    if (plan.timeout !== Infinity && message.deadline === Infinity && message.expectsReply) {
      const now = (home.time = home.env.now())
      message.deadline = now + plan.timeout
      home.deadlines.add(message, now)
    }
    this.enqueue(message)
  }

  withdraw(message: Message): boolean {
    if (message.started) return false
    this.#mailbox?.withdrawn?.(message)
    return true
  }

  control(verb: Verb, options?: StopOptions): Promise<unknown> {
    return this.life.control(verb, options)
  }

  watch(listener: (reason: unknown) => void): () => void {
    return this.life.watch(listener)
  }

  override lend(change: 1 | -1): void {
    this.#life?.hold?.lend(change)
  }

  override stream(change: 1 | -1): boolean {
    const hold = this.#life?.hold
    hold?.stream(change)
    return hold !== undefined
  }

  override proxy(make: () => object): object {
    const hold = this.#life?.hold
    return hold ? hold.proxy(make) : super.proxy(make)
  }

  /** Changes state, and says so. */
  enter(state: State): void {
    const from = this.state
    if (from === state) return
    this.state = state
    this.home.changed(this, from)
  }

  /** Takes the mailbox that it was given, with what waits already. */
  replaceMailbox(mailbox: Inbox): void {
    const early = this.#mailbox
    this.#mailbox = mailbox
    for (let mail = early?.take() as Message | undefined; mail; mail = early?.take() as Message | undefined) {
      if (!mail.settled) this.enqueue(mail)
    }
  }

  enqueue(message: Message): void {
    message.holder = this
    message.receiver = this
    const left = (this.#mailbox ??= new Queue(QUEUE)).put(message) as Message | undefined
    if (left) this.#overflow(left, left === message)
    this.#wake()
  }

  /** Another instance takes the place of the one that failed. */
  renew(instance: object): void {
    this.instance = instance
    bindContext(instance, this)
  }

  pause(): void {
    this.#paused = true
  }

  unpause(): void {
    this.#paused = false
    this.#wake()
  }

  run(): void {
    this.#queued = false
    for (let turn = 0; turn < TURN && this.#isReady(); turn++) {
      const message = this.#life?.takeRetry() ?? (this.#mailbox?.take() as Message | undefined)
      if (!message) break
      if (!message.settled) this.#handle(message)
    }
    this.#wake()
  }

  /** Whether its handler, or its hook, is under way here. */
  handles(message: Message): boolean {
    return this.#current === message || (this.#others?.includes(message) ?? false)
  }

  /** Runs a hook, whatever waits. `waiting` is the message whose handler waits for it. Undefined where the class has none. */
  perform(name: HookName, args: readonly unknown[], waiting?: Message): Promise<unknown> | undefined {
    const hook = this.plan.hooks.get(name)
    if (!hook) return undefined
    const message = new Hook(name, () => Reflect.apply(hook, this.instance, args as never))
    message.holder = this
    message.receiver = this
    if (waiting) message.ties.parent = waiting
    this.#handle(message)
    return message.promise
  }

  /** Runs a hook beside what runs; an error in it goes to the log. */
  async aside(name: HookName, ...args: unknown[]): Promise<unknown> {
    const hook = this.plan.hooks.get(name)
    return hook && this.beside(name, () => Reflect.apply(hook, this.instance, args as never))
  }

  /** Runs code of the actor beside what runs; an error in it goes to the log. */
  async beside(name: string, work: () => unknown): Promise<unknown> {
    const { home } = this
    const outer = home.current
    home.current = undefined
    try {
      const result = work()
      home.current = outer
      return await result
    } catch (error) {
      home.report(error, `${name} of ${this.address.path}`)
      return undefined
    } finally {
      home.current = outer
    }
  }

  /** Settles all that wait: they never run. */
  refuseAll(why: string): void {
    for (let mail = this.#mailbox?.take(); mail; mail = this.#mailbox?.take()) {
      const message = mail as Message
      message.fail(new ActorError('stopped', `${this.address.path} ${why} before it handled ${message.method}()`))
    }
  }

  /** Settles all that run: nobody waits for them any more. */
  forsake(why: string): void {
    for (let message = this.#current; message; message = this.#current) {
      this.#leave(message)
      const error = new ActorError('stopped', `${this.address.path} ${why} while it handled ${message.method}()`)
      message.cancel(error)
      message.fail(error.asRunning())
    }
  }

  // While handlers that interleave finish: what they wait for may be a message that comes.
  get #takesMore(): boolean {
    return !this.#paused && this.#current !== undefined && this.plan.concurrency > 1 && this.life.takesMore
  }

  // Whether those who wait for the message have all the places that there are; a hook that starts the actor has the only one.
  #isCycle(message: Message): boolean {
    const places = this.state === 'starting' || this.state === 'initial' ? 1 : this.plan.concurrency
    const others = this.#others ?? []
    if (1 + others.length < places) return false
    const waits = (each: Message): boolean =>
      isCycle(this, message, (serial, of) => (of ? each === of : serial > 0 && each.ties.serial === serial))
    return [this.#current!, ...others].filter(waits).length >= places
  }

  #isReady(): boolean {
    if (this.#paused) return false
    return !this.#current || 1 + (this.#others?.length ?? 0) < this.plan.concurrency
  }

  #wake(): void {
    if (this.#queued || !this.#isReady()) return
    if (this.waiting > 0 || this.#life?.isRetrying) {
      this.#queued = true
      this.home.queue.push(this)
    } else if (this.state === 'stopping' && !this.#current) this.life.drained()
    else this.#life?.hold?.check()
  }

  #overflow(message: Message, isRefused: boolean): void {
    const text = `the mailbox of ${this.address.path} is full`
    const error = new ActorError(
      'overloaded',
      isRefused ? text : `${text}: ${message.method}() gave way to a newer one`,
    )
    // One that nobody awaits says so itself.
    if (message.expectsReply) this.home.lost(error, `${message.method}() to ${this.address.path}`)
    message.fail(error)
  }

  // The one place that runs code of an actor.
  #handle(message: Message): void {
    const { home } = this
    const outer = home.current
    message.started = true
    if (this.#current) (this.#others ??= []).push(this.#current)
    this.#current = home.current = message
    let result: unknown
    try {
      result = message.invoke(this.instance, this.plan.methods)
      if (typeof result === 'object' && result !== null) {
        if (typeof (result as PromiseLike<unknown>).then === 'function') {
          ;(result as PromiseLike<unknown>).then(
            (value) => this.#finished(message, value),
            (error: unknown) => this.#failed(message, error),
          )
          return
        }
        result = this.#outcome(message, result)
      }
    } catch (error) {
      home.current = outer
      return this.#failed(message, error)
    } finally {
      home.current = outer
    }
    const isMine = this.#leave(message)
    message.done(result)
    if (isMine) this.#after(message, result)
  }

  #finished(message: Message, value: unknown): void {
    let result: unknown
    try {
      result = this.#outcome(message, value)
    } catch (error) {
      // A result may refuse to be looked at.
      return this.#failed(message, error)
    }
    const isMine = this.#leave(message)
    message.done(result)
    if (!isMine) return
    this.#after(message, result)
    this.#wake()
  }

  #failed(message: Message, thrown: unknown): void {
    const isMine = this.#leave(message)
    const error = thrownBy(thrown)
    const life = this.#life
    const isHook = message instanceof Hook
    const retried = isMine && !isHook && life !== undefined && life.retries(message, error)
    if (!retried) message.fail(isHook ? error : this.#thrown(message, error))
    if (!isMine) return
    if (!isHook) {
      const isWork = message instanceof Work
      if (!retried) this.#after(message, undefined, { error })
      if (isWork) this.home.report(error, `${message.method} of ${this.address.path}`)
      if (isWork || life?.isSupervised) this.life.failed(thrown, message.method, isWork)
    }
    this.#wake()
  }

  /** False for a message of an incarnation that is gone. */
  #leave(message: Message): boolean {
    const others = this.#others
    if (this.#current === message) this.#current = others?.pop()
    else {
      const place = others?.indexOf(message) ?? -1
      if (place < 0) return false
      others!.splice(place, 1)
    }
    return true
  }

  #after(message: Message, value: unknown, failure?: { readonly error: unknown }): void {
    if (message instanceof Hook || !message.started) return
    this.handled++
    if (this.plan.observes) this.life.settled(message, value, failure)
  }

  /** What the caller gets for what the handler returned. */
  #outcome(message: Message, value: unknown): unknown {
    if (value === this.instance) return borrow(this)
    if (this.plan.references?.has(message.method) && typeof value === 'object' && value !== null) reference(value)
    if (isGenerator(value)) return new ActorStream(this, message, this.instance, value)
    return this.#copied(message, value)
  }

  // A result that cannot leave is refused; the actor has not failed.
  #copied(message: Message, value: unknown): unknown {
    try {
      return this.#handed(message, value)
    } catch (error) {
      if (!(error instanceof ActorError)) throw error
      message.fail(error.asRunning())
      return undefined
    }
  }

  /** What the caller gets for what the handler threw. */
  #thrown(message: Message, error: unknown): unknown {
    try {
      return this.#handed(message, error)
    } catch (refusal) {
      return thrownBy(refusal)
    }
  }

  #handed(message: Message, value: unknown): unknown {
    return this.home.isolates && message.caller === undefined ? copy(this.home, [value])[0] : value
  }
}

/** A refusal that a handler met and threw on says nothing of its own message: that one has run. */
const thrownBy = (error: unknown): unknown =>
  error instanceof ActorError && error.ran === 'no' ? error.asRunning() : error
