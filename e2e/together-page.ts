import type { Locator, Page } from '@playwright/test'
import { expect } from './test.js'

type Column = 'To do' | 'Doing' | 'Done'

/** What a page may say in its console: the dispatcher of a tab that hung tells that it can store no more. */
const EXPECTED = /^\[troupe\] \/board (ended here|was not stored).*stored-failed/s

/** One tab of the demo's stage Together. */
export class TogetherPage {
  readonly leader: Locator
  readonly tabs: Locator
  readonly events: Locator
  readonly tally: Locator
  readonly helper: Locator
  /** What the page said in its console, or did not handle, and should not have. */
  readonly complaints: string[] = []

  constructor(readonly page: Page) {
    this.leader = page.getByRole('region', { name: 'Who leads' }).getByRole('status')
    this.tabs = page.getByRole('list', { name: 'Tabs' }).getByRole('listitem')
    this.events = page.getByRole('list', { name: 'What happened' }).getByRole('listitem')
    this.tally = page.getByText(/ lost, /)
    this.helper = page.getByRole('button', { name: /helper/ })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      const isNews = message.type() === 'error' || message.type() === 'warning'
      if (isNews && !EXPECTED.test(message.text())) this.complaints.push(message.text())
    })
  }

  /** Opens the page. Resolves when the board is there. */
  async enter(demo: string): Promise<void> {
    await this.page.goto(new URL('together.html', demo).href)
    await this.entered()
  }

  async entered(): Promise<void> {
    await expect(this.leader).toHaveText(/ leads$/)
    await expect(this.page.locator('.card').first()).toBeVisible()
  }

  async add(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'New card' }).fill(text)
    await this.page.getByRole('button', { name: 'Add', exact: true }).click()
  }

  /** Lets the tab hang. Resolves with the time on the wall clock, in milliseconds, at which it begins to. */
  hang(): Promise<number> {
    return this.page.getByRole('button', { name: 'Hang this tab' }).evaluate((button) => {
      ;(button as HTMLButtonElement).click()
      return Date.now()
    })
  }

  /** Adds a card as soon as the page tells that the leader does not answer. Resolves with the state of the card. */
  addInSilence(text: string): Promise<string | undefined> {
    return this.page.evaluate(async (text) => {
      const details = document.getElementById('leader-details')!
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (details.textContent!.startsWith('No answer')) resolve()
          else requestAnimationFrame(look)
        }
        look()
      })
      const field = document.getElementById('text') as HTMLInputElement
      field.value = text
      field.form!.requestSubmit()
      return [...document.querySelectorAll<HTMLElement>('.card')].find((card) => card.textContent!.includes(text))
        ?.dataset['state']
    }, text)
  }

  column(name: Column): Locator {
    return this.page.getByRole('list', { name, exact: true }).getByRole('listitem')
  }

  card(text: string): Locator {
    return this.page.locator('.card').filter({ hasText: text })
  }

  /** Presses a button of a card, by the name of what it does: `Move “…” to Doing`. */
  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click()
  }

  /** The texts of all cards, by column. */
  async cards(): Promise<string[][]> {
    return Promise.all(
      (['To do', 'Doing', 'Done'] as const).map((name) => this.column(name).locator('.text').allTextContents()),
    )
  }

  /** How many edits of all tabs are stored. */
  async count(): Promise<number> {
    return Number(/^[\d,]+/.exec((await this.tally.textContent())!)![0].replace(',', ''))
  }

  /** Waits for more edits than there are now. */
  async seesMore(): Promise<void> {
    const before = await this.count()
    await expect.poll(() => this.count()).toBeGreaterThan(before + 3)
  }

  /** Resolves when no edit of this tab waits. */
  async settled(): Promise<void> {
    await expect(this.page.getByText('0 edits waiting', { exact: true })).toBeVisible()
  }

  /**
   * Watches for another leader than the one of now. Resolves with a function that resolves with the time on the wall clock, in
   * milliseconds, at which there is one.
   */
  async watchLeader(): Promise<() => Promise<number>> {
    const watch = await this.page.evaluateHandle(() => {
      const text = document.getElementById('leader-text')!
      const before = text.textContent
      const time = new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          if ([before, 'No tab leads'].includes(text.textContent)) return
          observer.disconnect()
          resolve(Date.now())
        })
        observer.observe(text, { childList: true })
      })
      return { time }
    })
    return () => watch.evaluate(({ time }) => time)
  }
}
