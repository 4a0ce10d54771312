import type { Address } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import { QUEUE } from '../ground/limits.js'
import { emptied, type Inbox, Queue } from '../mailbox/mailbox.js'
import type { Message } from '../message/message.js'
import type { Bound, Verb } from '../message/ref.js'
import { answer } from '../message/request.js'
import { readStopOptions } from '../message/stop-options.js'
import type { Realm } from '../realm/realm.js'
import { Life } from '../supervision/life.js'
import type { Origin } from '../supervision/origin.js'
import type { ActorClass } from '../supervision/spawn-options.js'
import { hasEnded, type State } from '../supervision/state.js'
import type { Supervised } from '../supervision/supervised.js'
import { type Blueprint, blueprintOf } from './blueprint.js'
import { ActorContext, type Context } from './context.js'
import { handOver } from './hand-over.js'
import { Handler } from './handler.js'
import type { Hosting } from './hosting.js'
import { bindInstance } from './bind.js'
import { isLate, limitTime } from './message-time.js'
import { noteBusy, overflow } from './overflow.js'
import { pooledPlan } from './pooled.js'
import type { Runnable } from './run-queue.js'
import { Step } from './stream.js'

/** After so many messages in one turn the next actor gets its own. */
const TURN = 64

/**
 * One actor of this realm: its instance, its mailbox, and whose turn it is.
 *
 * There may be a million of them, so it holds what a message needs and nothing else; all that happens
 * rarely (start, stop, restart, children, watchers) is its `life`, made when first needed. Its own methods are not
 * `#private`: each class on the chain that has such ones costs every actor a word.
 */
export class Cell extends Handler implements Supervised, Runnable {
  state: State = 'initial'
  instance: object
  readonly home: Realm
  readonly id: string
  readonly plan: Blueprint
  /** When it came to be, in whole milliseconds of the realm's clock. */
  readonly since: number
  protected knownLife: Life | undefined = undefined
  #mailbox: Inbox | undefined = undefined
  #queued = false
  #paused = true

  constructor(home: Realm, id: string, instance: object, origin?: Origin) {
    super()
    this.home = home
    this.id = id
    this.instance = instance
    const pooled = origin?.options?.pooled
    const plan = blueprintOf(instance)
    this.plan = pooled ? pooledPlan(plan, pooled) : plan
    this.since = Math.round(home.env.now())
    if (origin) this.knownLife = new Life(this, origin)
    bindInstance(instance, this)
  }

  get address(): Address {
    const { id, name, parent, home } = this
    return { id, name, path: `${parent?.address.path ?? ''}/${name ?? id}`, kind: this.kind, realm: home.id }
  }

  get name(): string | undefined {
    return this.knownLife?.options.name
  }

  get kind(): string {
    return this.knownLife?.kind ?? this.instance.constructor.name
  }

  get key(): string {
    return `${this.home.id}/${this.id}`
  }

  get defaultTimeout(): number {
    return Infinity
  }

  get parent(): Cell | undefined {
    return this.knownLife?.parent as Cell | undefined
  }

  get hasEnded(): boolean {
    return hasEnded(this.state)
  }

  /** What happens rarely, made when first needed. */
  get life(): Life {
    return (this.knownLife ??= new Life(this, { actor: this.instance.constructor as ActorClass }))
  }

  /** The message whose code is running, or was last to run. */
  get current(): Message | undefined {
    const { current } = this.home
    if (current?.receiver === this) return current
    const steps = this.knownLife?.streams.steps
    return this.running ?? (steps?.size === 1 ? [...steps][0] : undefined)
  }

  /** Messages that wait. */
  get waiting(): number {
    return this.#mailbox?.size ?? 0
  }

  get isIdle(): boolean {
    return this.running === undefined && this.waiting === 0
  }

  override isCalled(id: string): boolean {
    return this.knownLife?.options.id === id
  }

  override isSpawnedBy(link: object): boolean {
    return this.knownLife?.spawner === link
  }

  /** What an instance sees of the world: it ends with the instance. */
  contextOf(instance: object): Context<unknown> {
    const { current } = this.home
    if (current?.receiver === this && (this.plan.concurrency > 1 || current instanceof Step))
      return new ActorContext(this, instance, current)
    if (instance !== this.instance) return new ActorContext(this, instance)
    const { life } = this
    return (life.context ??= new ActorContext(this, instance)) as ActorContext
  }

  /** Resolves once it runs; at once where nothing is to be done before. `waiting` is the message whose handler waits for that. */
  start(waiting?: Message): Promise<void> | undefined {
    const { hooks } = this.plan
    const life = this.knownLife
    if (hooks.has('onStart') || hooks.has('shouldStart') || life?.options.mailbox) return this.life.start(waiting)
    this.enter('starting')
    this.enter('running')
    if (life) life.isUp = true
    this.tell('started')
    this.unpause()
    return undefined
  }

  deliver(message: Message): void {
    const { plan, home } = this
    if (this.state === 'stopping' ? !this.takesMore : this.hasEnded) {
      const { actual } = this
      // It moved away, and it is not known here that it ended.
      if (actual !== this && this.hasEnded) return actual.deliver(message)
      return message.fail(new ActorError('stopped', `${this.address.path} is stopped; ${message.method}() did not run`))
    }
    message.holder = this
    message.receiver = this
    if (message.extensions && this.refuses(message, message.extensions)) return
    if (message.caller === undefined) {
      try {
        handOver(home, message, () => `${this.address.kind}.${message.method}`)
      } catch (error) {
        return message.fail(error)
      }
    }
    if (this.running && message.isAwaited && this.answersCycle(message)) return
    if (plan.timeout !== Infinity && !message.isTimed && message.expectsReply) limitTime(message, plan.timeout, home)
    this.enqueue(message)
  }

  withdraw(message: Message): boolean {
    if (message.started) return false
    this.#mailbox?.withdrawn?.(message)
    return true
  }

  control(request: Message): void {
    if (this.life.detour) return this.life.detour.control(request)
    answer(this.home, request, () => this.life.control(request.method as Verb, readStopOptions(request.args[0])))
  }

  callOfFunction(call: Message): () => void {
    const { functionCalls } = this.life
    functionCalls.add(call)
    return () => void functionCalls.delete(call)
  }

  watch(listener: (reason: unknown) => void): () => void {
    return this.life.ending.watch(listener)
  }

  override countExport(change: 1 | -1): void {
    this.knownLife?.keepAlive?.countExport(change)
  }

  stream(change: 1 | -1): boolean {
    const keepAlive = this.knownLife?.keepAlive
    keepAlive?.stream(change)
    return keepAlive !== undefined
  }

  override boundMethods(): Map<string, Bound> {
    return this.knownLife?.keepAlive?.methods() ?? super.boundMethods()
  }

  override proxy(make: () => object): object {
    return this.knownLife?.keepAlive?.proxy(make) ?? super.proxy(make)
  }

  enter(state: State): void {
    const before = this.state
    if (before === state) return
    this.state = state
    const { events } = this.home
    if (events.hears('state')) events.emit('state', this.address, state, before)
  }

  tell(event: 'started' | 'restarted', error?: unknown): void {
    const { events } = this.home
    if (events.hears(event)) events.emit(event, this.address, error)
  }

  forgotten(address: Address, reason: unknown): void {
    ;(this.home.hosting as Hosting).forget(this, address, reason)
  }

  replaceMailbox(mailbox: Inbox): void {
    const early = this.#mailbox
    this.#mailbox = mailbox
    for (const message of emptied(early)) if (!message.settled) this.enqueue(message)
  }

  enqueue(message: Message): void {
    message.holder = this
    message.receiver = this
    const left = (this.#mailbox ??= new Queue(QUEUE)).put(message) as Message | undefined
    if (left) overflow(this, left, left === message)
    if (this.running) noteBusy(this)
    this.wake()
  }

  renew(instance: object): void {
    if (this.knownLife) this.knownLife.context = undefined
    this.instance = instance
    bindInstance(instance, this)
  }

  pause(): void {
    this.#paused = true
  }

  unpause(): void {
    this.#paused = false
    this.wake()
  }

  run(): void {
    this.#queued = false
    const { home } = this
    const queue = home.queue!
    let { isOver } = queue
    for (let turn = 0; turn < TURN && this.isReady && !isOver; turn++) {
      const message = this.knownLife?.recovery.takeRetry() ?? (this.#mailbox?.take() as Message | undefined)
      if (!message) break
      if (message.settled) continue
      if (isLate(message, home.time)) message.late()
      else this.handle(message)
      isOver = queue.handled()
    }
    if (this.running && this.waiting > 0) noteBusy(this)
    this.wake()
  }

  refuseAll(why: string): void {
    for (const message of emptied(this.#mailbox))
      message.fail(new ActorError('stopped', `${this.address.path} ${why} before it handled ${message.method}()`))
  }

  protected get isStarting(): boolean {
    return this.state === 'starting' || this.state === 'initial'
  }

  protected wake(): void {
    const life = this.knownLife
    if (this.#queued || !this.isReady) return life?.detour?.rested?.()
    if (this.waiting > 0 || life?.recovery.isRetrying) {
      this.#queued = true
      this.home.queue!.push(this)
    } else if (this.state === 'stopping' && !this.running) void this.life.ending.finish()
    else life?.keepAlive?.check()
  }

  // Until handlers that interleave are through: what they wait for may be a message that comes.
  private get takesMore(): boolean {
    return !this.#paused && !this.isIdle && this.plan.concurrency > 1 && this.life.ending.takesMore
  }

  private get isReady(): boolean {
    return !this.#paused && (!this.running || this.hasRoom)
  }
}
