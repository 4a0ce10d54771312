import { element } from '../element.js'
import { millions, time } from './format.js'

/** One job that was painted to its end. */
export interface Run {
  readonly title: string
  readonly where: string
  /** Milliseconds. */
  readonly took: number
  /** Pixels per second. */
  readonly speed: number
  /** Milliseconds. */
  readonly longestFrame: number
}

const SHOWN = 8
/** Milliseconds of a frame above which a visitor sees it. */
const LATE = 50

/** The last runs, the newest first. */
export class RunTable {
  readonly #body = element('runs')
  #isEmpty = true

  add({ title, where, took, speed, longestFrame }: Run): void {
    const row = document.createElement('tr')
    for (const text of [title, where, time(took), millions(speed), time(longestFrame)])
      row.appendChild(document.createElement('td')).textContent = text
    row.lastElementChild!.className = longestFrame > LATE ? 'late' : 'smooth'
    if (this.#isEmpty) this.#body.replaceChildren()
    this.#isEmpty = false
    this.#body.prepend(row)
    while (this.#body.childElementCount > SHOWN) this.#body.lastElementChild!.remove()
  }
}
