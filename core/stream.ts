import { Ask } from './ask.js'
import type { Message, Receiver } from './message.js'

type Steps = Iterator<unknown> | AsyncIterator<unknown>
type Move = 'next' | 'return' | 'throw'

/** One step of a stream, handled like any other message of its actor. */
class Step extends Ask {
  readonly #steps: Steps
  readonly #move: Move
  readonly #value: unknown

  constructor(origin: Message, steps: Steps, move: Move, value: unknown) {
    super(`${origin.method}().${move}`, [], origin.sender, Infinity, origin.extensions)
    this.#steps = steps
    this.#move = move
    this.#value = value
  }

  override invoke(): unknown {
    const step = this.#steps[this.#move]
    return step ? Reflect.apply(step, this.#steps, [this.#value]) : { done: true, value: this.#value }
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

  constructor(actor: Receiver, origin: Message, steps: Steps) {
    this.#actor = actor
    this.#origin = origin
    this.#steps = steps
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#started = true
    return this.#move('next', value)
  }

  /** Runs the generator's `finally`; a body that never started is only dropped. */
  return(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.#started ? this.#move('return', value) : Promise.resolve({ done: true, value })
  }

  throw(error?: unknown): Promise<IteratorResult<unknown>> {
    return this.#move('throw', error)
  }

  #move(move: Move, value: unknown): Promise<IteratorResult<unknown>> {
    const step = new Step(this.#origin, this.#steps, move, value)
    this.#actor.deliver(step)
    return step.promise as Promise<IteratorResult<unknown>>
  }
}
