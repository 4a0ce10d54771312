import { ActorError } from 'troupe'
import type { Change, Edit } from './card.js'
import { deliver, tab } from './together.js'

const KEY = 'together-outbox'

interface Stored {
  readonly number: number
  readonly waiting: readonly Edit[]
}

/** Sends one edit after the other. Those that are not stored yet are kept, and sent when the page was loaded again. */
export class Outbox {
  readonly #onChange: () => void
  readonly #log: (text: string) => void
  /** The number of the last edit. */
  #number = 0
  #waiting: readonly Edit[] = []
  /** Stored, but not yet seen in the news. */
  #stored: readonly Edit[] = []

  /** `onChange` is called when an edit was added, or stored; `log` with what a person may want to know. */
  constructor(onChange: () => void, log: (text: string) => void) {
    this.#onChange = onChange
    this.#log = log
    const { number, waiting } = read()
    this.#number = number
    this.#waiting = waiting
    if (waiting.length > 0) {
      log(`${countOf(waiting.length)} from before the reload ${waiting.length === 1 ? 'is' : 'are'} sent again.`)
      void this.#send()
    }
  }

  /** How many are not stored yet. */
  get size(): number {
    return this.#waiting.length
  }

  add(change: Change): void {
    const edit = { key: crypto.randomUUID(), tab: tab.id, number: ++this.#number, change }
    this.#keep([...this.#waiting, edit])
    if (this.#waiting.length === 1) void this.#send()
  }

  /** The changes that the news do not have, if they have those up to the number `mine`. */
  since(mine: number): Change[] {
    this.#stored = this.#stored.filter(({ number }) => number > mine)
    const missing = [...this.#stored, ...this.#waiting].filter(({ number }) => number > mine)
    return missing.map(({ change }) => change)
  }

  async #send(): Promise<void> {
    for (let edit = this.#waiting[0]; edit; edit = this.#waiting[0]) {
      const { number } = edit
      try {
        await deliver(edit, ({ code, ran }) =>
          this.#log(
            `Edit ${number} failed (${code}${ran === 'maybe' ? ', it may be stored' : ''}), and is sent again.`,
          ),
        )
        this.#stored = [...this.#stored, edit]
      } catch (error) {
        // The board was not reached, and will not be before the page is loaded again.
        if (error instanceof ActorError) return
        this.#log(`Edit ${number} was refused. ${(error as Error).message}`)
      }
      this.#keep(this.#waiting.slice(1))
    }
  }

  #keep(waiting: readonly Edit[]): void {
    this.#waiting = waiting
    sessionStorage.setItem(KEY, JSON.stringify({ number: this.#number, waiting }))
    this.#onChange()
  }
}

export const countOf = (edits: number): string => (edits === 1 ? '1 edit' : `${edits.toLocaleString('en')} edits`)

function read(): Stored {
  const text = tab.isReloaded ? sessionStorage.getItem(KEY) : null
  return text ? (JSON.parse(text) as Stored) : { number: 0, waiting: [] }
}
