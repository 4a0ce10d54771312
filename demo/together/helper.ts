import { type Card, type Change, COLUMNS } from './card.js'

/** Milliseconds between two edits. */
const PACE = 200
/** Edits after which it rests. */
const ENOUGH = 300

/** Moves cards about, until it has done enough. */
export class Helper {
  readonly #cards: () => readonly Card[]
  readonly #edit: (change: Change) => void
  readonly #onWork: (isWorking: boolean) => void
  #timer: ReturnType<typeof setInterval> | undefined
  #done = 0

  constructor(cards: () => readonly Card[], edit: (change: Change) => void, onWork: (isWorking: boolean) => void) {
    this.#cards = cards
    this.#edit = edit
    this.#onWork = onWork
  }

  /** Lets it work, or stops it. */
  toggle(): void {
    if (this.#timer === undefined) this.#timer = setInterval(() => this.#work(), PACE)
    else {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    this.#onWork(this.#timer !== undefined)
  }

  #work(): void {
    const cards = this.#cards()
    const card = cards[Math.floor(Math.random() * cards.length)]
    if (card) this.#edit({ kind: 'move', id: card.id, column: (card.column + 1) % COLUMNS.length })
    if (++this.#done % ENOUGH === 0) this.toggle()
  }
}
