import { type Card, COLUMNS, LONGEST } from './card.js'
import { colourOf } from './colours.js'

/** What a person does to a card. */
export interface CardActions {
  /** To the column beside it. */
  shift(card: Card, by: -1 | 1): void
  /** Above the card that is above it. */
  raise(card: Card): void
  reword(card: Card, text: string): void
  remove(card: Card): void
}

const template = document.getElementById('card') as HTMLTemplateElement

/** Shows one card. */
export class CardView {
  readonly element = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement
  #card: Card
  #isWaiting: boolean | undefined
  readonly #text = this.#part('text')
  readonly #mark = this.#part('mark')
  readonly #field = this.#part<HTMLTextAreaElement>('field')

  constructor(card: Card, actions: CardActions) {
    this.#card = card
    const { element } = this
    element.id = `card-${card.id}`
    element.style.setProperty('--tab', colourOf(card.tab))
    this.#part('tab').textContent = card.tab ? `Tab ${card.tab}` : ''
    this.#field.maxLength = LONGEST
    this.#on('left', () => actions.shift(this.#card, -1))
    this.#on('right', () => actions.shift(this.#card, 1))
    this.#on('up', () => actions.raise(this.#card))
    this.#on('remove', () => actions.remove(this.#card))
    this.#on('edit', () => this.#open())
    this.#text.addEventListener('dblclick', () => this.#open())
    this.#field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== 'Escape') return
      event.preventDefault()
      this.#close(event.key === 'Enter', actions)
      this.#part('edit').focus()
    })
    this.#field.addEventListener('blur', () => this.#close(true, actions))
  }

  /** `isFirst` says whether it is the first one of its column. */
  show(card: Card, isWaiting: boolean, isFirst: boolean): void {
    const before = this.#isWaiting === undefined ? undefined : this.#card
    this.#card = card
    if (before?.text !== card.text) this.#reword(card)
    if (before?.column !== card.column) this.#place(card)
    this.#part<HTMLButtonElement>('up').disabled = isFirst
    if (this.#isWaiting === isWaiting) return
    this.#isWaiting = isWaiting
    this.element.dataset['state'] = isWaiting ? 'waiting' : 'stored'
    this.#mark.textContent = isWaiting ? 'waiting' : 'stored'
  }

  #reword({ text }: Card): void {
    this.#text.textContent = text
    this.#label('edit', `Edit “${text}”`)
    this.#label('remove', `Remove “${text}”`)
    this.#label('up', `Move “${text}” up`)
    this.#part('field').setAttribute('aria-label', `Text of “${text}”`)
    this.#place(this.#card)
  }

  #place({ text, column }: Card): void {
    for (const [part, to] of [
      ['left', COLUMNS[column - 1]],
      ['right', COLUMNS[column + 1]],
    ] as const) {
      this.#part<HTMLButtonElement>(part).disabled = to === undefined
      this.#label(
        part,
        to === undefined
          ? `“${text}” is in the ${part === 'left' ? 'first' : 'last'} column`
          : `Move “${text}” to ${to}`,
      )
    }
  }

  #open(): void {
    this.#field.value = this.#card.text
    this.element.draggable = false
    this.#text.hidden = true
    this.#field.hidden = false
    this.#field.select()
  }

  #close(isKept: boolean, actions: CardActions): void {
    if (this.#field.hidden) return
    this.#field.hidden = true
    this.#text.hidden = false
    this.element.draggable = true
    const text = this.#field.value.trim()
    if (isKept && text && text !== this.#card.text) actions.reword(this.#card, text)
  }

  #label(part: string, text: string): void {
    this.#part(part).setAttribute('aria-label', text)
    this.#part(part).title = text
  }

  #on(part: string, listener: () => void): void {
    this.#part(part).addEventListener('click', listener)
  }

  #part<E extends HTMLElement = HTMLElement>(name: string): E {
    return this.element.querySelector<E>(`[data-part="${name}"]`)!
  }
}
