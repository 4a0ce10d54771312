import { ActorError } from '../ground/errors.js'
import { checkCount } from '../ground/check-count.js'
import { Queue } from './queue.js'
import { Waiters } from './waiters.js'

/**
 * A queue of tasks that tells when all of them are done. A task is done when `taskDone` is called for it, or when a reader of
 * `take` asks for the next one. A queue that is closed has its end once all tasks are done.
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  readonly #joining = new Waiters()

  override async put(item: T): Promise<void> {
    this._store.pending++
    try {
      await super.put(item)
    } catch (error) {
      this.#settle(1)
      throw error
    }
  }

  override async tryPut(item: T): Promise<boolean> {
    const isPut = this._store.tryPut(item)
    if (isPut) this._store.pending++
    return isPut
  }

  /**
   * Takes tasks as they come: `most` of them, all unless given. A task whose reader leaves the loop, or dies, before it
   * asks for the next one is not done: it goes to the next taker.
   */
  async *take(most = Infinity): AsyncGenerator<T, void, undefined> {
    const { signal } = this.context
    checkCount('most', most, 1)
    for (let left = most; left > 0; left--) {
      const next = await this._store.next(signal)
      if (next.done) return
      let isDone = false
      try {
        yield next.value
        isDone = true
      } finally {
        if (isDone) this.#settle(1)
        else this._store.giveBack(next.value)
      }
    }
  }

  /** Says that `n` tasks which were taken are done, 1 unless given. Throws `malformed` for more than there are. */
  taskDone(n = 1): void {
    checkCount('n', n, 1)
    const { pending } = this._store
    if (n > pending) throw new ActorError('malformed', `${n} tasks cannot be done: ${pending} are not done`)
    this.#settle(n)
  }

  /** Resolves once all tasks are done. */
  async join(): Promise<void> {
    if (this._store.pending > 0) await this.#joining.wait(this.context.signal)
  }

  /** Tasks that are not done. */
  unfinished(): number {
    return this._store.pending
  }

  #settle(n: number): void {
    this._store.pending -= n
    this._store.settle()
    if (this._store.pending === 0) while (this.#joining.wake());
  }
}
