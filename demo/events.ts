import { element } from './element.js'

/** Events that are shown, the last one first. */
const SHOWN = 40

/** Lists what happened, with the time. */
export class Events {
  readonly #list = element('events')

  add(text: string): void {
    const line = document.createElement('li')
    const time = line.appendChild(document.createElement('time'))
    const now = new Date()
    time.textContent = now.toISOString().slice(17, 23)
    time.dateTime = now.toISOString()
    line.append(text)
    this.#list.prepend(line)
    while (this.#list.childElementCount > SHOWN) this.#list.lastElementChild!.remove()
  }
}
