import { element } from '../element.js'
import type { Person } from './message.js'

/** Shows who is in the room. */
export class PeopleList {
  readonly #list = element('people')
  readonly #count = element('people-count')

  /** `me` is the id of the person at this page. */
  show(people: readonly Person[], me: string): void {
    this.#count.textContent = String(people.length)
    this.#list.replaceChildren(...people.map((person) => lineOf(person, person.id === me)))
  }
}

function lineOf({ name, isReconnecting }: Person, isMe: boolean): HTMLElement {
  const line = document.createElement('li')
  line.dataset['state'] = isReconnecting ? 'away' : 'here'
  line.appendChild(document.createElement('strong')).textContent = name
  line.append(isMe ? ' (you)' : '', isReconnecting ? ' is reconnecting' : '')
  return line
}
