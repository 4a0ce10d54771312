import { element } from '../element.js'
import { colourOf } from './colours.js'
import { openTabs } from './tab.js'

/** Milliseconds between two looks at which tabs are open. */
const INTERVAL = 500

/** Shows which tabs are open, and which of them leads. */
export class TabList {
  readonly #list = element('tabs')
  readonly #count = element('tabs-count')
  readonly #me: number
  #leader: number | undefined
  #shown = ''

  /** `me` is the number of this tab. */
  constructor(me: number) {
    this.#me = me
    void this.#look()
    setInterval(() => void this.#look(), INTERVAL)
  }

  set leader(number: number | undefined) {
    this.#leader = number
    void this.#look()
  }

  async #look(): Promise<void> {
    const tabs = await openTabs()
    const shown = `${tabs.join()} ${this.#leader}`
    if (shown === this.#shown) return
    this.#shown = shown
    this.#count.textContent = String(tabs.length)
    this.#list.replaceChildren(...tabs.map((tab) => this.#lineOf(tab)))
  }

  #lineOf(tab: number): HTMLElement {
    const line = document.createElement('li')
    line.style.setProperty('--tab', colourOf(tab))
    line.appendChild(document.createElement('strong')).textContent = `Tab ${tab}`
    if (tab === this.#me) line.append(' (this tab)')
    if (tab === this.#leader) line.appendChild(document.createElement('em')).textContent = 'leads'
    return line
  }
}
