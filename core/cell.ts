import { bindContext } from './actor.js'
import type { Address } from './address.js'
import { ActorContext, type Context } from './context.js'
import { ActorError } from './errors.js'
import { exposedMethods } from './exposed.js'
import { Hook } from './hook.js'
import { QUEUE } from './limits.js'
import { Mailbox } from './mailbox.js'
import type { Holder, Message, Method } from './message.js'
import { own } from './proxy.js'
import type { Realm } from './realm.js'
import { Ref, type Verb } from './ref.js'
import type { Runnable } from './run-queue.js'
import type { ActorClass, AnySpawnOptions } from './spawn-options.js'
import type { StopOptions } from './stop-options.js'
import { ActorStream, isGenerator } from './stream.js'

type State = 'starting' | 'running' | 'stopping' | 'terminated'

/** Where an actor comes from. */
export interface CellOrigin {
  readonly kind?: string
  readonly parent?: Cell
  /** The link whose peer asked for it. */
  readonly spawner?: object
}

/** After so many messages in one turn the next actor gets its own. */
const TURN = 64

/** One actor of this realm: its instance, its mailbox, and the one place that runs its code. */
export class Cell extends Ref implements Holder, Runnable {
  state: State = 'starting'
  readonly children = new Set<Cell>()
  readonly #instance: object
  readonly #methods: ReadonlyMap<string, Method>
  readonly #mailbox = new Mailbox()
  #current: Message | undefined
  #queued = false
  #stopped: Promise<void> | undefined
  #context: Context<unknown> | undefined
  #watchers: (() => void)[] | undefined

  constructor(
    override readonly home: Realm,
    readonly id: string,
    readonly name: string | undefined,
    readonly kind: string,
    instance: object,
    readonly parent: Cell | undefined,
    /** The link whose peer spawned it, as an opaque mark of ownership. */
    readonly spawner: object | undefined,
  ) {
    super()
    this.#instance = instance
    this.#methods = exposedMethods(instance)
    bindContext(instance, () => (this.#context ??= new ActorContext(this)))
  }

  /**
   * Makes an actor and starts it. Rejects with `id-in-use`, `name-taken`, or `start-failed`
   * where the constructor or `onStart` throws.
   */
  static async spawn(home: Realm, actor: ActorClass, options: AnySpawnOptions, origin: CellOrigin = {}): Promise<Cell> {
    Cell.#check(home, options)
    let instance: object
    try {
      instance = new actor(...(options.args ?? []))
    } catch (error) {
      throw new ActorError('start-failed', `the constructor of ${actor.name} threw`, { cause: error })
    }
    return Cell.adopt(home, instance, options, { kind: actor.name, ...origin })
  }

  /** Makes an actor of an instance that is already there. */
  static async adopt(home: Realm, instance: object, options: AnySpawnOptions, origin: CellOrigin): Promise<Cell> {
    Cell.#check(home, options)
    let { id } = options
    while (id === undefined || home.actors.has(id)) id = home.serial().toString(36)
    const cell = new Cell(home, id, options.name, origin.kind ?? 'Object', instance, origin.parent, origin.spawner)
    if (options.name !== undefined) home.names.claim(options.name, cell)
    home.actors.set(id, cell)
    origin.parent?.children.add(cell)
    await cell.start()
    return cell
  }

  // Before any code of the class runs.
  static #check(home: Realm, { id, name }: AnySpawnOptions): void {
    if (home.closed) throw new ActorError('stopped', 'the dispatcher is closed')
    if (id !== undefined) home.names.check(id)
    if (id !== undefined && home.actors.has(id)) throw new ActorError('id-in-use', `the id '${id}' is in use`)
    if (name !== undefined) home.names.checkFree(name)
  }

  async spawnChild(actor: ActorClass, options: AnySpawnOptions = {}): Promise<object> {
    if (this.state !== 'starting' && this.state !== 'running') {
      throw new ActorError('stopped', `${this.address.path} is stopping and gets no more children`)
    }
    return own(await Cell.spawn(this.home, actor, options, { parent: this }))
  }

  get address(): Address {
    const { id, name, kind, home } = this
    return { id, name, path: `${this.parent?.address.path ?? ''}/${name ?? id}`, kind, realm: home.id }
  }

  get key(): string {
    return `${this.home.id}/${this.id}`
  }

  get patience(): number {
    return Infinity
  }

  get current(): Message | undefined {
    return this.#current
  }

  /** Calls `listener` when the actor has ended. */
  onEnd(listener: () => void): void {
    ;(this.#watchers ??= []).push(listener)
  }

  /** Runs `onStart`; messages that come meanwhile wait behind it. */
  async start(): Promise<void> {
    const { onStart } = this.#instance as { onStart?: () => unknown }
    if (typeof onStart === 'function') {
      const hook = new Hook('onStart', () => Reflect.apply(onStart, this.#instance, []))
      this.#put(hook)
      try {
        await hook.promise
      } catch (error) {
        const failed = new ActorError('start-failed', `${this.address.path} threw in onStart`, { cause: error })
        this.#terminate(failed)
        throw failed
      }
    }
    if (this.state !== 'starting')
      throw new ActorError('start-failed', `${this.address.path} was stopped while it started`)
    this.state = 'running'
    this.home.events.emit('started', this.address)
  }

  deliver(message: Message): void {
    if (this.state === 'stopping' || this.state === 'terminated') {
      return message.fail(new ActorError('stopped', `${this.address.path} is stopped; ${message.method}() did not run`))
    }
    if (this.#mailbox.size >= QUEUE) {
      return message.fail(
        new ActorError('overloaded', `the mailbox of ${this.address.path} is full (${QUEUE} messages)`),
      )
    }
    this.#put(message)
  }

  withdraw(message: Message): boolean {
    return !message.started
  }

  async control(verb: Verb, options: StopOptions = {}): Promise<void> {
    if (verb === 'ping') {
      if (this.state === 'terminated') throw new ActorError('stopped', `${this.address.path} is stopped`)
      return
    }
    await this.stop(verb === 'kill' ? { ...options, mode: 'kill' } : options)
  }

  /** Stops the children first, then runs `onStop`. A second stop gives the same promise. */
  stop(options: StopOptions = {}): Promise<void> {
    const { mode = 'drain', reason = 'stopped', timeout } = options
    if (this.state === 'terminated') return this.#stopped ?? Promise.resolve()
    if (!this.#stopped) {
      this.state = 'stopping'
      const hook = new Hook('onStop', () => this.#finish(reason))
      if (mode === 'now') this.#refuseAll()
      this.#put(hook)
      this.#stopped = hook.promise.then(
        () => this.#terminate(reason),
        (error: unknown) => {
          if (this.state !== 'terminated') this.home.report(error, `onStop of ${this.address.path}`)
          this.#terminate(reason)
        },
      )
    }
    if (mode === 'kill') this.#terminate(reason)
    else if (timeout !== undefined && this.state === 'stopping') {
      const { env } = this.home
      const timer = env.setTimer(() => void this.stop({ mode: 'kill', reason }), timeout)
      this.onEnd(() => env.clearTimer(timer))
    }
    return this.#stopped
  }

  run(): void {
    this.#queued = false
    for (let turn = 0; turn < TURN && !this.#current; turn++) {
      const message = this.#mailbox.take()
      if (!message) return
      if (!message.settled) this.#handle(message)
    }
    this.#wake()
  }

  #put(message: Message): void {
    message.holder = this
    message.receiver = this
    this.#mailbox.put(message)
    this.#wake()
  }

  #wake(): void {
    if (this.#queued || this.#current || this.#mailbox.size === 0) return
    this.#queued = true
    this.home.queue.push(this)
  }

  // The one place that runs code of an actor.
  #handle(message: Message): void {
    const { home } = this
    const outer = home.current
    message.started = true
    this.#current = home.current = message
    try {
      const result = message.invoke(this.#instance, this.#methods)
      if (typeof result === 'object' && result !== null) {
        if (typeof (result as PromiseLike<unknown>).then === 'function') {
          ;(result as PromiseLike<unknown>).then(
            (value) => this.#finished(message, () => message.done(this.#outcome(message, value))),
            (error: unknown) => this.#finished(message, () => message.fail(thrownBy(error))),
          )
          return
        }
        message.done(this.#outcome(message, result))
      } else message.done(result)
      this.#current = undefined
    } catch (error) {
      this.#current = undefined
      message.fail(thrownBy(error))
    } finally {
      home.current = outer
    }
  }

  #finished(message: Message, settle: () => void): void {
    try {
      settle()
    } catch (error) {
      // A result may refuse to be looked at.
      message.fail(error)
    }
    if (this.#current !== message) return
    this.#current = undefined
    this.#wake()
  }

  #outcome(message: Message, value: unknown): unknown {
    return isGenerator(value) ? new ActorStream(this, message, value) : value
  }

  async #finish(reason: unknown): Promise<void> {
    await Promise.all(Array.from(this.children, (child) => child.stop({ reason })))
    const { onStop } = this.#instance as { onStop?: (reason: unknown) => unknown }
    if (typeof onStop === 'function') await Reflect.apply(onStop, this.#instance, [reason])
  }

  #refuseAll(): void {
    for (let message = this.#mailbox.take(); message; message = this.#mailbox.take()) {
      message.fail(new ActorError('stopped', `${this.address.path} stopped before it handled ${message.method}()`))
    }
  }

  #terminate(reason: unknown): void {
    if (this.state === 'terminated') return
    this.state = 'terminated'
    const { home, address } = this
    for (const child of this.children) void child.stop({ mode: 'kill', reason })
    const message = this.#current
    if (message) {
      const killed = new ActorError('stopped', `${address.path} was killed while it handled ${message.method}()`)
      message.cancel(killed)
      message.fail(killed.asRunning())
    }
    this.#refuseAll()
    home.actors.delete(this.id)
    home.names.releaseAll(this)
    this.parent?.children.delete(this)
    for (const watcher of this.#watchers ?? []) watcher()
    home.events.emit('stopped', address, reason)
  }
}

/** A refusal that a handler met and threw on says nothing of its own message: that one has run. */
const thrownBy = (error: unknown): unknown =>
  error instanceof ActorError && error.ran === 'no' ? error.asRunning() : error
