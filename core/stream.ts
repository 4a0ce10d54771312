import { type Aborter, aborter } from './abort.js'
import { Ask } from './ask.js'
import type { ActorError } from './errors.js'
import type { Caller, Message, Receiver } from './message.js'

type Steps = Iterator<unknown> | AsyncIterator<unknown>
export type Move = 'next' | 'return' | 'throw'

/** One step of a stream, handled like any other message of its actor. */
class Step extends Ask {
  readonly #stream: ActorStream
  readonly #work: () => unknown

  constructor(stream: ActorStream, { method, sender, extensions }: Message, move: Move, work: () => unknown) {
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

  override invoke(): unknown {
    return this.#work()
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
export class ActorStream implements AsyncIterableIterator<unknown> {
  readonly #actor: Receiver
  readonly #origin: Message
  readonly #steps: Steps
  #started = false
  #aborter: Aborter | undefined
  #reason: ActorError | undefined

  constructor(actor: Receiver, origin: Message, steps: Steps) {
    this.#actor = actor
    this.#origin = origin
    this.#steps = steps
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
    if (move === 'return' && !this.#started) return Promise.resolve({ done: true, value })
    this.#started = true
    const step = new Step(this, this.#origin, move, () => {
      const run = this.#steps[move]
      return run ? Reflect.apply(run, this.#steps, [value]) : { done: true, value }
    })
    if (outer) outer.inner = step
    this.#actor.deliver(step)
    return step.promise as Promise<IteratorResult<unknown>>
  }
}
