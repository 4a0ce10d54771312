import { element } from '../element.js'
import type { Message, Receipt, Said } from './message.js'
import type { Delivery } from './outbox.js'

/** Messages that are shown. */
const SHOWN = 200
/** Pixels from the end at which the list still counts as scrolled to its end. */
const NEAR = 40

const TEXTS: Readonly<Record<Delivery, string>> = {
  waiting: 'waiting',
  sending: 'sending',
  unknown: 'may have been delivered',
  delivered: 'delivered',
}

/** The messages, and after them those of this page that are on their way. */
export class MessageList {
  readonly #box = element('messages')
  readonly #list = element('message-list')
  readonly #outgoing = element('outgoing')
  /** Messages of this page, by id, until they leave the list. */
  readonly #own = new Map<string, HTMLElement>()

  /** What became of a message of this page. */
  deliver(said: Said, delivery: Delivery, receipt?: Receipt): void {
    if (delivery === 'waiting') {
      this.#own.set(said.id, this.#line(said))
      this.#insert(this.#own.get(said.id)!, null)
    }
    const line = this.#own.get(said.id)
    if (!line) return
    const wasUnknown = line.dataset['delivery'] === 'unknown'
    line.dataset['delivery'] = delivery
    const text =
      wasUnknown && receipt ? `delivered: sent again${receipt.isRepeated ? ', kept once' : ''}` : TEXTS[delivery]
    line.querySelector('em')!.textContent = text
  }

  /** A message came from the room. */
  add(message: Message): void {
    const line = this.#own.get(message.id) ?? this.#line(message)
    line.querySelector('span')!.textContent = String(message.number)
    line.dataset['number'] = String(message.number)
    this.#insert(line, this.#list.querySelector('li:not([data-number])'))
    while (this.#list.childElementCount > SHOWN && this.#list.firstElementChild !== line)
      this.#drop(this.#list.firstElementChild!)
  }

  /** Forgets what the room had: there is a new one. */
  clear(): void {
    for (const line of this.#list.querySelectorAll('[data-number], [data-delivery="delivered"]')) this.#drop(line)
    this.#count()
  }

  #line({ name, text }: Said): HTMLElement {
    const line = document.createElement('li')
    const part = (tag: string, content: string, parent: Element = line): Element => {
      const made = parent.appendChild(document.createElement(tag))
      made.textContent = content
      return made
    }
    part('span', '…')
    const body = part('p', '')
    part('strong', name, body)
    body.append(` ${text}`)
    part('em', '')
    return line
  }

  /** Stays at the end, if the visitor has not scrolled away from it. */
  #insert(line: HTMLElement, before: Element | null): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#box
    const isAtEnd = scrollHeight - clientHeight - scrollTop < NEAR
    this.#list.insertBefore(line, before)
    if (isAtEnd) this.#box.scrollTop = this.#box.scrollHeight
    this.#count()
  }

  #count(): void {
    const outgoing = this.#list.querySelectorAll('li:not([data-number])').length
    this.#outgoing.textContent = `${outgoing} on the way`
  }

  #drop(line: Element): void {
    line.remove()
    for (const [id, own] of this.#own) if (own === line) return void this.#own.delete(id)
  }
}
