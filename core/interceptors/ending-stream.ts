import { type ActorStream, Step } from '../actor/stream.js'
import { thrownBy } from '../ground/errors.js'
import type { Move } from '../message/stepped-stream.js'
import type { Realm } from '../realm/realm.js'
import type { CallOutcome } from './hooks.js'
import { outcomeAfter, settled, valueOf } from './settled.js'

type Generating = (Generator | AsyncGenerator) & { readonly [Symbol.toStringTag]: string }

const TAGS: unknown[] = ['AsyncGenerator', 'Generator']

export const isGenerator = (value: unknown): value is Generating =>
  typeof value === 'object' && value !== null && TAGS.includes((value as Partial<Generating>)[Symbol.toStringTag])

/** In place of a generator that an actor returned: tells how that ended, before its reader knows. */
export class EndingStream {
  readonly #steps: Generating
  readonly #realm: Realm
  readonly #told: (outcome: CallOutcome) => unknown
  #stream: ActorStream | undefined
  #isOver = false

  constructor(steps: Generating, realm: Realm, told: (outcome: CallOutcome) => unknown) {
    this.#steps = steps
    this.#realm = realm
    this.#told = told
  }

  get [Symbol.toStringTag](): string {
    return this.#steps[Symbol.toStringTag]
  }

  [Symbol.iterator](): this {
    return this
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(value?: unknown): unknown {
    return this.#move('next', value)
  }

  return(value?: unknown): unknown {
    return this.#move('return', value)
  }

  throw(error?: unknown): unknown {
    return this.#move('throw', error)
  }

  #move(move: Move, value: unknown): unknown {
    const { current } = this.#realm
    if (current instanceof Step) this.#stream = current.stream
    return settled(
      () => this.#steps[move](value),
      (outcome) => {
        if (this.#isOver) return valueOf(outcome)
        if (outcome.status === 'rejected') return this.#end(outcome, outcome)
        const { done, value: last } = outcome.value as IteratorResult<unknown>
        if (!done) return outcome.value
        return this.#end(outcome, this.#givenUp(move) ?? { status: 'fulfilled', value: last })
      },
    )
  }

  #end(outcome: CallOutcome, end: CallOutcome): unknown {
    this.#isOver = true
    return outcomeAfter(this.#told(end), outcome)
  }

  /** Why the stream ended early, unless its reader left it. */
  #givenUp(move: Move): CallOutcome | undefined {
    const stream = this.#stream
    if (move !== 'return' || !stream || stream.isLeft || !stream.signal.aborted) return undefined
    return { status: 'rejected', reason: thrownBy(stream.signal.reason) }
  }
}
