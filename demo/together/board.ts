import { Actor } from 'troupe'
import { durable } from 'troupe/durable'
import { type Card, changed, type Edit, FIRST } from './card.js'
import { store } from './store.js'
import { type Counts, Tally, type TallyState } from './tally.js'

/** What a tab is told. */
export interface News extends Counts {
  readonly cards: readonly Card[]
  /** The number of the last edit of this tab that the board has. */
  readonly mine: number
}

interface State {
  readonly cards: readonly Card[]
  readonly tally: TallyState
}

/** The board of all tabs. One of them runs it, and stores it after each edit. */
export class Board extends Actor {
  static durable = durable({ store })
  #cards = FIRST
  readonly #tally = new Tally()
  #notify = (): void => {}
  #changed = this.#nextChange()

  override snapshot(): State {
    return { cards: this.#cards, tally: this.#tally.toState() }
  }

  override restore({ cards, tally }: State): void {
    this.#cards = cards
    this.#tally.restore(tally)
  }

  /** Resolves when the edit is stored. */
  edit({ tab, number, change }: Edit): void {
    this.#tally.add(tab, number)
    try {
      this.#cards = changed(this.#cards, change)
    } finally {
      this.#notify()
      this.#changed = this.#nextChange()
    }
  }

  /** The news for the tab with that id, without end. */
  async *follow(tab: string): AsyncGenerator<News> {
    for (;;) {
      const changed = this.#changed
      yield { cards: this.#cards, mine: this.#tally.lastOf(tab), ...this.#tally.counts }
      await changed
    }
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => (this.#notify = resolve))
  }
}
