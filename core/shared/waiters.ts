import { onAbort } from '../ground/abort.js'
import { ActorError } from '../ground/errors.js'
import { Fifo } from '../ground/fifo.js'
import { QUEUE } from '../ground/limits.js'

interface Waiter<T, W> {
  readonly wanted: W
  settle(): void
  resolve(value: T): void
  reject(error: unknown): void
}

/** Handlers that wait for a value, each for one of its own, in the order in which they came. */
export class Waiters<T = void, W = void> {
  readonly #waiting = new Fifo<Waiter<T, W>>()

  get size(): number {
    return this.#waiting.size
  }

  /** What the first one wants. Only where one waits. */
  get first(): W {
    return this.#waiting.first!.wanted
  }

  /**
   * Resolves to what it is woken with. Rejects with the signal's reason, after `left` was called, and with `overloaded`
   * where too many wait.
   */
  wait(signal: AbortSignal, wanted: W, left?: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) throw signal.reason
      if (this.size >= QUEUE) throw new ActorError('overloaded', `${QUEUE} calls wait already`)
      const waiter: Waiter<T, W> = {
        wanted,
        resolve,
        reject,
        settle: () => {
          undo()
          this.#waiting.delete(waiter)
        },
      }
      const undo = onAbort(signal, () => {
        waiter.settle()
        left?.()
        reject(signal.reason)
      })
      this.#waiting.add(waiter)
    })
  }

  /** Wakes the first one. Returns whether one waited. */
  wake(value: T): boolean {
    const waiter = this.#waiting.first
    waiter?.settle()
    waiter?.resolve(value)
    return waiter !== undefined
  }

  /** Rejects all. */
  fail(error: unknown): void {
    for (const waiter of this.#waiting) {
      waiter.settle()
      waiter.reject(error)
    }
  }
}
