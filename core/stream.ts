import { type Aborter, aborter } from './abort.js'
import { type Abortable, Ask } from './ask.js'
import { ActorError } from './errors.js'
import type { Caller, Message } from './message.js'
import type { Ref } from './ref.js'

type Steps = Iterator<unknown> | AsyncIterator<unknown>
export type Move = 'next' | 'return' | 'throw'

/** One step of a stream, handled like any other message of its actor. */
class Step extends Ask {
  readonly #stream: ActorStream
  readonly #work: (instance: object) => unknown

  constructor(
    stream: ActorStream,
    { method, sender, extensions }: Message,
    move: Move,
    work: (instance: object) => unknown,
  ) {
    super(`${method}().${move}`, [], sender, Infinity, extensions)
    this.#stream = stream
    this.#work = work
  }

  override get caller(): Caller | undefined {
    return this.#stream.caller
  }

  /** One signal for all steps: a body may hold on to the one it found first. */
  override get signal(): AbortSignal {
    return this.#stream.signal
  }

  override invoke(instance: object): unknown {
    return this.#work(instance)
  }

  protected override signalled(reason: ActorError): void {
    this.#stream.abort(reason)
  }
}

/** Whether a method returned a generator: something that is run step by step. */
export function isGenerator(value: unknown): value is Steps {
  if (typeof value !== 'object' || value === null) return false
  const tag = (value as Record<symbol, unknown>)[Symbol.toStringTag]
  return tag === 'AsyncGenerator' || tag === 'Generator'
}

/**
 * A generator of an actor: each run from one `yield` to the next is one message of its mailbox,
 * so others are handled between steps. The body starts at the first `next()`.
 */
export class ActorStream implements AsyncIterableIterator<unknown>, Abortable {
  readonly #actor: Ref
  readonly #origin: Message
  /** The instance that made it: no other one goes on with it. */
  readonly #instance: object
  readonly #steps: Steps
  #started = false
  /** Whether it keeps its actor. */
  #keeps: boolean
  #aborter: Aborter | undefined
  #reason: ActorError | undefined
  /** Why its reader gave it up. */
  #given: ActorError | undefined
  /** The last step that was asked for. */
  #last: Step | undefined
  #released: (() => void) | undefined

  constructor(actor: Ref, origin: Message, instance: object, steps: Steps) {
    this.#actor = actor
    this.#origin = origin
    this.#instance = instance
    this.#steps = steps
    this.#keeps = actor.stream(1)
  }

  get caller(): Caller | undefined {
    return this.#origin.caller
  }

  get signal(): AbortSignal {
    this.#aborter ??= aborter()
    if (this.#reason) this.#aborter.abort(this.#reason)
    return this.#aborter.signal
  }

  abort(reason: ActorError): void {
    this.#reason = reason
    this.#aborter?.abort(reason)
  }

  giveUp(reason: ActorError): void {
    this.#given = reason
    this.#last?.cancel(reason)
    this.abort(reason)
    // What it says to that interests nobody any more.
    this.step('return', undefined).catch(() => {})
  }

  endWith(released: () => void): void {
    this.#released = released
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.step('next', value)
  }

  return(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.step('return', value)
  }

  throw(error?: unknown): Promise<IteratorResult<unknown>> {
    return this.step('throw', error)
  }

  /** A body that never started is only dropped. `outer` is the peer's message that asks for the step. */
  step(move: Move, value: unknown, outer?: Message): Promise<IteratorResult<unknown>> {
    if (this.#given && move !== 'return') return Promise.reject(this.#given)
    if (move === 'return' && !this.#started) {
      this.#end()
      return Promise.resolve({ done: true, value })
    }
    this.#started = true
    const step: Step = new Step(this, this.#origin, move, (instance) => {
      if (instance !== this.#instance) {
        step.fail(new ActorError('stopped', 'the actor was restarted, and its streams ended'))
        return undefined
      }
      const run = this.#steps[move]
      return run ? Reflect.apply(run, this.#steps, [value]) : { done: true, value }
    })
    if (outer) {
      outer.ties.inner = step
      if (outer.chain) step.ties.chain = outer.chain
    } else this.#actor.home.current?.calls(step)
    this.#last = step
    this.#actor.deliver(step)
    const result = step.promise as Promise<IteratorResult<unknown>>
    if (this.#keeps || this.#released) {
      result.then(
        ({ done }) => done && this.#end(),
        () => this.#end(),
      )
    }
    return result
  }

  #end(): void {
    if (this.#keeps) this.#actor.stream(-1)
    this.#keeps = false
    this.#released?.()
    this.#released = undefined
  }
}
