import { ActorError, thrownBy } from '../ground/errors.js'
import { cycleError, isAwaitedBy } from '../message/chain.js'
import type { Extensions, Holder, Message } from '../message/message.js'
import { Ref } from '../message/ref.js'
import { refusalOf } from '../message/stored.js'
import { mark } from '../proxy/marks.js'
import { borrow } from '../proxy/proxy.js'
import type { Realm } from '../realm/realm.js'
import type { HookName } from '../supervision/hooks.js'
import type { Life } from '../supervision/life.js'
import { Work } from '../supervision/work.js'
import { copy } from '../wire/copy.js'
import type { Blueprint } from './blueprint.js'
import { Hook } from './hook.js'
import { interception } from './interception.js'
import { invoke } from './invoke.js'
import { Step, streamOf } from './stream.js'

/** The one place that runs code of an actor, and the messages whose handlers are under way. */
export abstract class Handler extends Ref implements Holder {
  abstract override readonly home: Realm
  abstract readonly plan: Blueprint
  abstract instance: object
  abstract readonly life: Life
  /** Messages that were handled. */
  handled = 0
  /** The last message whose handler began, of those under way. Steps of generators are not among them while they await. */
  protected running: Message | undefined = undefined
  /** Further ones, where more than one may be. */
  #others: Message[] | undefined = undefined

  /** Of the messages whose handlers are under way, the one that has been for longest. */
  get oldest(): Message | undefined {
    return this.#others?.[0] ?? this.running
  }

  override get actual(): Ref {
    return this.knownLife?.detour?.actual ?? this
  }

  override get isElsewhere(): boolean {
    return this.knownLife?.detour !== undefined
  }

  abstract withdraw(message: Message): boolean
  /** A stream of it begins or ends; true if that keeps it. */
  abstract stream(change: 1 | -1): boolean

  /** What rarely happens to it, if anything did. */
  protected abstract readonly knownLife: Life | undefined
  /** Whether it starts: a hook has the only place that there is. */
  protected abstract readonly isStarting: boolean
  /** Something came to its end: there may be room for what waits. */
  protected abstract wake(): void

  /** Whether one more handler may begin beside those that are under way. */
  protected get hasRoom(): boolean {
    return 1 + (this.#others?.length ?? 0) < this.plan.concurrency
  }

  /** Whether its handler, or its hook, is under way here. */
  handles(message: Message): boolean {
    return this.running === message || (this.#others?.includes(message) ?? false)
  }

  /** Runs a hook, whatever waits. `waiting` is the message whose handler waits for it. Undefined where the class has none. */
  perform(name: HookName, args: readonly unknown[], waiting?: Message): Promise<unknown> | undefined {
    const work = this.#hook(name, args)
    if (!work) return undefined
    const message = new Hook(name, work)
    message.holder = this
    message.receiver = this
    if (waiting) message.node.parent = waiting
    this.handle(message)
    return message.promise
  }

  /** Runs a hook beside what runs; an error in it goes to the log. */
  async aside(name: HookName, ...args: unknown[]): Promise<unknown> {
    const work = this.#hook(name, args)
    return work && this.beside(name, work)
  }

  #hook(name: HookName, args: readonly unknown[]): (() => unknown) | undefined {
    const hook = this.plan.hooks.get(name)
    return hook && ((): unknown => Reflect.apply(hook, this.instance, args as never))
  }

  /** Runs code of the actor beside what runs; an error in it goes to the log. */
  async beside(name: string, work: () => unknown): Promise<unknown> {
    const { home } = this
    const outer = home.current
    home.current = undefined
    try {
      let result: unknown
      try {
        result = work()
      } finally {
        // At once: what runs when the result has come is somebody else's.
        home.current = outer
      }
      return await result
    } catch (error) {
      home.report(error, `${name} of ${this.address.path}`)
      return undefined
    }
  }

  /** Settles all that run: nobody waits for them any more. */
  abandonAll(why: string): void {
    for (let message = this.running; message; message = this.running) {
      this.#leave(message)
      abandon(message, new ActorError('stopped', `${this.address.path} ${why} while it handled ${message.method}()`))
    }
    const life = this.knownLife
    if (!life) return
    life.streams.steps = undefined
    for (const call of life.functionCalls)
      abandon(call, new ActorError('released', `${this.address.path} ${why} while a function of it ran`))
  }

  /** Refuses a message that only a durable actor takes; false for any other. */
  protected refuses(message: Message, extensions: Extensions): boolean {
    const refusal = refusalOf(extensions, this.address.path)
    if (refusal) message.fail(refusal)
    return refusal !== undefined
  }

  /** Handles a call of somebody who waits that would wait for itself, or refuses it; false for any other. */
  protected answersCycle(message: Message): boolean {
    if (!this.#isCycle(message)) return false
    if (this.plan.reentrant) this.handle(message)
    else message.fail(cycleError(this, message))
    return true
  }

  protected handle(message: Message): void {
    const { home, plan } = this
    const { now } = interception
    const outer = home.current
    message.started = true
    if (this.running) (this.#others ??= []).push(this.running)
    this.running = home.current = message
    let result: unknown
    try {
      result = invoke(message, this.instance, plan.untouchedBy === now ? plan : now!.reach(this, message))
      if (typeof result === 'object' && result !== null) {
        if (typeof (result as PromiseLike<unknown>).then === 'function') {
          if (message instanceof Step) {
            this.#leave(message)
            ;(this.life.streams.steps ??= new Set()).add(message)
          }
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
    this.#conclude(message, result)
  }

  /** The handler of a message of this incarnation has returned. */
  protected succeed(message: Message, result: unknown): void {
    message.done(result)
  }

  /** The handler of a message of this incarnation has thrown, and it is not tried again. */
  protected fail(message: Message, error: unknown): void {
    message.fail(error)
  }

  /** False for a message of an incarnation that is gone. */
  #conclude(message: Message, result: unknown): boolean {
    const isMine = this.#leave(message)
    if (isMine) {
      this.succeed(message, result)
      this.#after(message, result)
    } else message.done(result)
    return isMine
  }

  // Whether those who wait for the message have all the places that there are.
  #isCycle(message: Message): boolean {
    const places = this.isStarting ? 1 : this.plan.concurrency
    const others = this.#others ?? []
    if (1 + others.length < places) return false
    return [this.running!, ...others].filter((each) => isAwaitedBy(this, each, message)).length >= places
  }

  #finished(message: Message, value: unknown): void {
    let result: unknown
    try {
      result = this.#outcome(message, value)
    } catch (error) {
      // A result may refuse to be looked at.
      return this.#failed(message, error)
    }
    if (this.#conclude(message, result)) this.wake()
  }

  #failed(message: Message, thrown: unknown): void {
    const isMine = this.#leave(message)
    const error = thrownBy(thrown)
    const isHook = message instanceof Hook
    const answer = isHook ? error : this.#thrown(message, error)
    if (!isMine) return message.fail(answer)
    if (isHook) this.fail(message, answer)
    else {
      const recovery = this.knownLife?.recovery
      const isWork = message instanceof Work
      // The generator of a step that threw is finished: it has nothing to try again.
      if (message instanceof Step || !recovery?.retries(message, error)) {
        this.fail(message, answer)
        this.#after(message, undefined, { error })
      }
      if (isWork) this.home.report(error, `${message.method}() of ${this.address.path}`)
      // One that throws the reason for which its caller gave up has not failed.
      const isGivenUp = message.gaveUp && thrown === message.signal.reason
      if (isWork || (recovery?.isSupervised && !isGivenUp)) this.life.recovery.failed(thrown, message.method, isWork)
    }
    this.wake()
  }

  /** False for a message of an incarnation that is gone. */
  #leave(message: Message): boolean {
    const others = this.#others
    if (this.running === message) this.running = others?.pop()
    else {
      const place = others?.indexOf(message) ?? -1
      if (place < 0) return this.knownLife?.streams.steps?.delete(message) ?? false
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
    if (this.plan.references?.has(message.method) && typeof value === 'object' && value !== null)
      mark(value, this.home.hosting!.represent)
    return streamOf(this, message, value) ?? this.#copied(message, value)
  }

  // A result that cannot leave is refused; the actor has not failed.
  #copied(message: Message, value: unknown): unknown {
    try {
      return this.#handed(message, value)
    } catch (error) {
      if (!(error instanceof ActorError)) throw error
      if (message instanceof Step) message.stream.giveUp(error)
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

/** Nobody waits any more for a message whose handler is under way. */
function abandon(message: Message, reason: ActorError): void {
  message.cancel(reason)
  message.fail(reason.asRunning())
}
