import type { Message } from './message.js'

/** Ids that are remembered. */
const REMEMBERED = 5_000

/** Counts the messages that come, those that are missing between them, and those that come twice. */
export class Ledger {
  count = 0
  lost = 0
  doubled = 0
  #last: number | undefined
  readonly #ids = new Set<string>()

  /** Returns whether it is new. */
  add({ number, id }: Message): boolean {
    const isNew = !this.#ids.has(id) && number > (this.#last ?? 0)
    if (!isNew) {
      this.doubled++
      return false
    }
    this.count++
    if (this.#last !== undefined) this.lost += number - this.#last - 1
    this.#last = number
    this.#ids.add(id)
    if (this.#ids.size > REMEMBERED) this.#ids.delete(this.#ids.keys().next().value!)
    return true
  }
}
