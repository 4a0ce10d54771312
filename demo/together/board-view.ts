import { element } from '../element.js'
import { type Card, type Change, COLUMNS, idOf } from './card.js'
import { type CardActions, CardView } from './card-view.js'
import { letDrag } from './drag.js'

/** Shows the cards in their columns. */
export class BoardView implements CardActions {
  readonly #edit: (change: Change) => void
  readonly #lists = COLUMNS.map((_, column) => element(`column-${column}`))
  readonly #counts = COLUMNS.map((_, column) => element(`count-${column}`))
  readonly #views = new Map<string, CardView>()
  #cards: readonly Card[] = []

  /** `edit` is called with what a person does. */
  constructor(edit: (change: Change) => void) {
    this.#edit = edit
    letDrag(this.#lists, (id, column, before) => {
      const card = this.#cards.find((each) => each.id === id)
      if (card) this.#move(card, column, before)
    })
  }

  /** `waiting` are the changes, already made to the cards, that are not stored yet. */
  show(cards: readonly Card[], waiting: readonly Change[]): void {
    this.#cards = cards
    const { activeElement } = document
    const unstored = new Set(waiting.map(idOf))
    for (const [id, { element }] of this.#views) {
      if (cards.some((card) => card.id === id)) continue
      element.remove()
      this.#views.delete(id)
    }
    for (const [column, list] of this.#lists.entries()) {
      const own = cards.filter((card) => card.column === column)
      this.#counts[column]!.textContent = String(own.length)
      for (const [place, card] of own.entries()) {
        const view = this.#viewOf(card)
        view.show(card, unstored.has(card.id), place === 0)
        if (list.children[place] !== view.element) list.insertBefore(view.element, list.children[place] ?? null)
      }
    }
    // An element that is moved loses the focus.
    if (activeElement instanceof HTMLElement && activeElement !== document.activeElement) focusNear(activeElement)
  }

  shift(card: Card, by: -1 | 1): void {
    this.#move(card, card.column + by)
  }

  raise(card: Card): void {
    const own = this.#cards.filter(({ column }) => column === card.column)
    const before = own[own.findIndex(({ id }) => id === card.id) - 1]
    if (before) this.#move(card, card.column, before.id)
  }

  reword({ id }: Card, text: string): void {
    this.#edit({ kind: 'reword', id, text })
  }

  remove({ id }: Card): void {
    this.#edit({ kind: 'remove', id })
  }

  #move({ id }: Card, column: number, before?: string): void {
    this.#edit({ kind: 'move', id, column, ...(before !== undefined && { before }) })
  }

  #viewOf(card: Card): CardView {
    const view = this.#views.get(card.id) ?? new CardView(card, this)
    this.#views.set(card.id, view)
    return view
  }
}

/** Focuses an element again, or another button of its card if it is disabled now. */
function focusNear(before: HTMLElement): void {
  const isOff = before instanceof HTMLButtonElement && before.disabled
  const target = isOff ? before.parentElement?.querySelector<HTMLElement>('button:enabled') : before
  if (target?.isConnected) target.focus({ preventScroll: true })
  else element('text').focus({ preventScroll: true })
}
