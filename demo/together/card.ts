/** The columns of the board, from left to right. */
export const COLUMNS = ['To do', 'Doing', 'Done'] as const
/** Characters of a card's text at most. */
export const LONGEST = 140
/** Cards at most. */
const MOST = 60

export interface Card {
  readonly id: string
  readonly text: string
  /** Its column, by number. */
  readonly column: number
  /** The number of the tab that made it; 0 for those that were there first. */
  readonly tab: number
}

/** What is done to one card. */
export type Change =
  | { readonly kind: 'add'; readonly card: Card }
  | { readonly kind: 'reword'; readonly id: string; readonly text: string }
  /** It goes before the card `before`, or to the end of the column. */
  | { readonly kind: 'move'; readonly id: string; readonly column: number; readonly before?: string }
  | { readonly kind: 'remove'; readonly id: string }

/** What one tab does. */
export interface Edit {
  /** A text that no other edit has. It stays the same when the edit is sent again. */
  readonly key: string
  /** The id of the tab. */
  readonly tab: string
  /** Each tab numbers its edits, from 1. */
  readonly number: number
  readonly change: Change
}

/** The cards of a new board. */
export const FIRST: readonly Card[] = [
  'Open another tab',
  'Add a card there',
  'Close the tab that leads',
  'Hang the one that leads now',
  'Stop the server and reload',
].map((text, index) => ({ id: `first-${index}`, text, column: 0, tab: 0 }))

export const idOf = (change: Change): string => (change.kind === 'add' ? change.card.id : change.id)

/** The cards after a change. A card that is gone stays gone. Throws if there are too many. */
export function changed(cards: readonly Card[], change: Change): readonly Card[] {
  if (change.kind === 'add') {
    if (cards.length >= MOST) throw new Error(`The board has no room for more than ${MOST} cards.`)
    return [...cards, { ...change.card, text: change.card.text.slice(0, LONGEST) }]
  }
  const { id } = change
  const card = cards.find((each) => each.id === id)
  const others = cards.filter((each) => each.id !== id)
  if (!card || change.kind === 'remove') return others
  if (change.kind === 'reword')
    return cards.map((each) => (each.id === id ? { ...each, text: change.text.slice(0, LONGEST) } : each))
  const place = others.findIndex((each) => each.id === change.before)
  others.splice(place < 0 ? others.length : place, 0, { ...card, column: change.column })
  return others
}
