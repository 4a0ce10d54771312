import type { Context } from '../actor/context.js'
import { ActorError } from '../ground/errors.js'
import { checkCount } from '../ground/check-count.js'
import { handOver, messageOf } from './hand-over.js'
import { Waiters } from './waiters.js'

/** Items on their way from those who put them to those who take them, each to one, in order. */
export class Store<T> {
  isClosed = false
  /** Items that may come back: there is no end before. */
  pending = 0
  readonly #limit: number
  readonly #items: T[] = []
  readonly #putting = new Waiters<void, T>()
  readonly #taking = new Waiters<IteratorResult<T, undefined>>()

  /** At most `limit` items wait in it. */
  constructor(limit: number) {
    checkCount('limit', limit)
    this.#limit = limit
  }

  get size(): number {
    return this.#items.length
  }

  /** Resolves when there is room for it. Rejects with `stopped`. */
  async put(item: T, signal: AbortSignal): Promise<void> {
    if (!this.tryPut(item)) await this.#putting.wait(signal, item)
  }

  /** False where there is no room. Throws `stopped`. */
  tryPut(item: T): boolean {
    if (this.isClosed) throw closed()
    if (this.#taking.wake({ value: item, done: false })) return true
    if (this.size >= this.#limit) return false
    this.#items.push(item)
    return true
  }

  /** The next one, once there is one; the end, where it is closed and empty. For a handler that returns it. */
  async take(context: Context<unknown>): Promise<IteratorResult<T, undefined>> {
    const message = messageOf(context)
    const taken = await this.next(context.signal)
    if (!taken.done) handOver(message, () => this.giveBack(taken.value))
    return taken
  }

  /** The next one, if there is one. For a handler that returns it. */
  tryTake(context: Context<unknown>): IteratorYieldResult<T> | undefined {
    const taken = this.#shift()
    if (taken) handOver(messageOf(context), () => this.giveBack(taken.value))
    return taken
  }

  /** The next one, or the end: whoever asks sees to it that it is not lost. */
  next(signal: AbortSignal): IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>> {
    return this.#shift() ?? (this.#isOver ? END : this.#taking.wait(signal))
  }

  /** It comes before all others. */
  giveBack(item: T): void {
    if (!this.#taking.wake({ value: item, done: false })) this.#items.unshift(item)
  }

  /** Takes one after the other, to the end. `context` is asked when the first one is taken. */
  async *items(context: () => Context<unknown>): AsyncGenerator<T, void, undefined> {
    const given = context()
    const { signal } = given
    for (let next = await this.next(signal); !next.done; next = await this.next(signal)) {
      const { value } = next
      handOver(messageOf(given), () => this.giveBack(value))
      yield value
    }
  }

  /** Nothing more comes: what waits for room is refused, and those who take get what is left. */
  close(): void {
    this.isClosed = true
    this.#putting.fail(closed())
    this.settle()
  }

  /** Those who take get the end, if it has come. */
  settle(): void {
    if (this.#isOver) while (this.#taking.wake(END));
  }

  #shift(): IteratorYieldResult<T> | undefined {
    // What waits for room comes behind what has it.
    if (this.#putting.size > 0) {
      this.#items.push(this.#putting.first)
      this.#putting.wake()
    }
    return this.size > 0 ? { value: this.#items.shift()!, done: false } : undefined
  }

  get #isOver(): boolean {
    return this.isClosed && this.pending === 0
  }
}

const END = { value: undefined, done: true } as const

export const closed = (): ActorError => new ActorError('stopped', 'it is closed')
