import { Actor } from '../actor/actor.js'
import { closed, Store } from './store.js'

/** A queue: each item goes to one taker, first in, first out. Takes how many items may wait, any number unless given. */
export class Queue<T = unknown> extends Actor {
  static readonly concurrency = Infinity
  protected readonly _store: Store<T>

  constructor(limit = Infinity) {
    super()
    this._store = new Store(limit)
  }

  /** Adds an item, once there is room. Rejects with `stopped` if the queue is closed. */
  async put(item: T): Promise<void> {
    await this._store.put(item, this.context.signal)
  }

  /** Adds an item if there is room. Returns whether there was. Throws `stopped` if the queue is closed. */
  async tryPut(item: T): Promise<boolean> {
    return this._store.tryPut(item)
  }

  /** Takes the next item, once there is one. Rejects with `stopped` if the queue is closed and empty. */
  async get(): Promise<T> {
    const { done, value } = await this._store.take(this.context)
    if (done) throw closed()
    return value
  }

  /** Takes the next item. Resolves to undefined if there is none. */
  async tryGet(): Promise<T | undefined> {
    return this._store.tryTake(this.context)?.value
  }

  /** Takes items as they come, until the queue is closed and empty. */
  items(): AsyncGenerator<T, void, undefined> {
    return this._store.items(() => this.context)
  }

  /** Items that wait. */
  size(): number {
    return this._store.size
  }

  /** Refuses items from now on. Those that wait can still be taken. */
  close(): void {
    this._store.close()
  }
}
