import { onAbort } from '../ground/abort.js'
import { checkMilliseconds } from '../ground/milliseconds.js'
import { after } from './after.js'
import { checkCount } from '../ground/check-count.js'
import { expired } from './grant.js'
import { handOver, messageOf } from './hand-over.js'
import { Lock } from './lock.js'

/** A lock whose holder can wait for others to change what the lock protects. */
export class Condition extends Lock {
  readonly #waiting = new Set<() => void>()

  /**
   * Releases the lock, waits for `notify`, and acquires the lock again.
   *
   * Takes the token, and as `timeout` the time in ms after which it waits no longer. Resolves to the new token: look then
   * whether what you wait for is there, and wait again if not. Rejects with `expired` if the lock is not held. If the call
   * is aborted, the lock is lost.
   */
  async wait(token: number, { timeout = Infinity }: { readonly timeout?: number | undefined } = {}): Promise<number> {
    const { context } = this
    const { signal } = context
    const message = messageOf(context)
    checkMilliseconds('timeout', timeout)
    const grant = this._held(token)
    let isNotified = false
    let wake = (): void => {}
    const woken = new Promise<void>((resolve) => (wake = resolve))
    const notified = (): void => {
      isNotified = true
      wake()
    }
    const leave = (): void => {
      this.#waiting.delete(notified)
      wake()
    }
    const undos = [onAbort(signal, leave), after(this, timeout, leave)]
    this.#waiting.add(notified)
    grant.ended.add(leave)
    this._park(grant)
    await woken
    for (const undo of undos) undo()
    grant.ended.delete(leave)
    const giveUp = (): void => {
      this._end(grant)
      // Another one goes on in its place.
      if (isNotified) this.#wake(1)
    }
    try {
      if (signal.aborted) throw signal.reason
      if (!grant.isOver) await this._take(grant, signal)
      if (grant.isOver) throw expired(token)
    } catch (error) {
      giveUp()
      throw error
    }
    handOver(message, giveUp)
    return grant.token
  }

  /** Wakes `n` of those who wait, 1 unless given, those who came first. Takes the token. Throws `expired`. */
  notify(token: number, n = 1): void {
    checkCount('n', n)
    this._held(token)
    this.#wake(n)
  }

  /** Wakes all who wait. Takes the token. Throws `expired`. */
  notifyAll(token: number): void {
    this.notify(token, Infinity)
  }

  #wake(n: number): void {
    let left = n
    for (const notified of this.#waiting) {
      if (left-- <= 0) return
      this.#waiting.delete(notified)
      notified()
    }
  }
}
