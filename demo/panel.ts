import type { Place } from './places.js'

export type Action = 'increment' | 'stream' | 'measure' | 'reopen'

type Work = () => void | Promise<void>

/** Calls that are shown, the last one first. */
const SHOWN = 4

/** One card of the page, made from the template in index.html. */
export class Panel {
  readonly #root: HTMLElement
  readonly #work = new Map<Action, Work>()

  constructor(parent: Element, template: HTMLTemplateElement, place: Place, index: number) {
    const content = template.content.cloneNode(true) as DocumentFragment
    this.#root = content.querySelector('section')!
    const heading = this.#part('title')
    heading.id = `place-${index}`
    this.#root.setAttribute('aria-labelledby', heading.id)
    heading.textContent = place.title
    this.#part('about').textContent = place.about
    this.#part('code').textContent = place.code
    for (const button of this.#root.querySelectorAll('button')) {
      button.addEventListener('click', () => void this.do(button.dataset['action'] as Action))
    }
    parent.append(content)
  }

  /** What a button does from now on, in place of what it did. */
  on(action: Action, work: Work): void {
    this.#work.set(action, work)
  }

  /** As if the button had been pressed. */
  async do(action: Action): Promise<void> {
    await this.#work.get(action)?.()
  }

  /** Resolves when the button is pressed, or after so many milliseconds. */
  pressed(action: Action, ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.on(action, resolve)
      setTimeout(resolve, ms)
    })
  }

  /** A call was made, with this outcome, after that time. */
  called(code: string, outcome: string, time: string): void {
    const calls = this.#part('calls')
    const line = document.createElement('li')
    for (const [tag, text] of [
      ['code', code],
      ['strong', outcome],
      ['span', time],
    ] as const)
      line.appendChild(document.createElement(tag)).textContent = text
    calls.prepend(line)
    while (calls.childElementCount > SHOWN) calls.lastElementChild!.remove()
  }

  get count(): number {
    return Number(this.#part('count').textContent)
  }

  show(count: number): void {
    this.#part('count').textContent = String(count)
  }

  took(time: string): void {
    this.#part('time').textContent = time
  }

  streaming(active: boolean): void {
    // Screen readers wait for the end of it.
    this.#part('count').setAttribute('aria-busy', String(active))
    this.#button('stream').textContent = active ? 'Stop' : 'Stream 100'
  }

  up(text: string): void {
    this.#state('up', text)
  }

  /** The place is gone. `isOpened` if a button opens it again. */
  down(text: string, isOpened: boolean): void {
    this.#state('down', text, isOpened)
  }

  #state(state: 'up' | 'down', text: string, isOpened = false): void {
    this.#root.dataset['state'] = state
    this.#part('status').textContent = text
    for (const action of ['increment', 'stream', 'measure'] as const) this.#button(action).disabled = state !== 'up'
    this.#button('reopen').hidden = !isOpened
  }

  #part(name: string): HTMLElement {
    return this.#root.querySelector<HTMLElement>(`[data-part="${name}"]`)!
  }

  #button(action: Action): HTMLButtonElement {
    return this.#root.querySelector<HTMLButtonElement>(`[data-action="${action}"]`)!
  }
}
