import { Actor } from '../actor/actor.js'
import { Store } from './store.js'

/**
 * Carries items from many senders to many receivers, each item to one of them, in order. Takes how many items may wait for
 * a receiver: 0 unless given, so that each sender waits for the receiver.
 */
export class Channel<T = unknown> extends Actor {
  static readonly concurrency = Infinity
  readonly #store: Store<T>

  constructor(limit = 0) {
    super()
    this.#store = new Store(limit)
  }

  /** Sends an item. Resolves once a receiver has it, or there is room for it. Rejects with `stopped` if it is closed. */
  async send(item: T): Promise<void> {
    await this.#store.put(item, this.context.signal)
  }

  /** Receives the next item as `{ value, done: false }`, or `{ done: true }` once it is closed and empty. */
  async receive(): Promise<IteratorResult<T, undefined>> {
    return this.#store.take(this.context)
  }

  /** Receives items as they come, until it is closed and empty. */
  items(): AsyncGenerator<T, void, undefined> {
    return this.#store.items(() => this.context)
  }

  /** Items that wait for a receiver. */
  size(): number {
    return this.#store.size
  }

  /** Refuses items from now on. Those that wait can still be received. */
  close(): void {
    this.#store.close()
  }

  isClosed(): boolean {
    return this.#store.isClosed
  }
}
