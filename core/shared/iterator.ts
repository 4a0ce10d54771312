import { Actor } from '../actor/actor.js'
import { handOver, messageOf } from './hand-over.js'

/** What an iterator reads. */
export type IteratorSource<T> = Iterable<T> | AsyncIterable<T>

/**
 * An iterator that many read: each item goes to one of them, in order. Takes an iterable or an async iterable, such as a
 * generator, also one of another realm.
 */
export class Iterator<T = unknown> extends Actor {
  readonly #source: globalThis.Iterator<T> | AsyncIterator<T>
  /** Items whose readers left while they were on their way. */
  readonly #missed: IteratorYieldResult<T>[] = []

  constructor(source: IteratorSource<T>) {
    super()
    const { [Symbol.asyncIterator]: many } = source as AsyncIterable<T>
    this.#source = many ? many.call(source) : (source as Iterable<T>)[Symbol.iterator]()
  }

  /** Resolves to the next item as `{ value, done: false }`, or to `{ done: true }`. Rejects with what the source throws. */
  async next(): Promise<IteratorResult<T, undefined>> {
    const message = messageOf(this.context)
    const next = this.#missed.shift() ?? (await this.#source.next())
    if (next.done) return { value: undefined, done: true }
    handOver(message, () => this.#missed.unshift(next))
    return next
  }

  /** Ends the source. */
  async return(): Promise<void> {
    await this.#source.return?.()
  }

  override async onStop(): Promise<void> {
    await this.return()
  }
}
