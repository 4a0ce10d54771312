import type { Locator, Page } from '@playwright/test'
import { expect } from './test.js'

type Time = 'a moment' | '3 seconds' | '10 seconds'

/** What a page may say in its console: a browser tells of each failed attempt to connect, and a dispatcher of a server that is new. */
const EXPECTED = /^WebSocket connection to .* failed|^\[troupe\] \S+ ended, and was started again with new state/

/** One person's tab of the demo's stage Server. */
export class ServerPage {
  readonly state: Locator
  readonly tally: Locator
  readonly messages: Locator
  readonly people: Locator
  readonly events: Locator
  readonly guest: Locator
  /** What the page said in its console, or did not handle, and should not have. */
  readonly complaints: string[] = []

  constructor(readonly page: Page) {
    this.state = page.getByRole('region', { name: 'Connection' }).getByRole('status')
    this.tally = page.getByText(/ lost, /)
    this.messages = page.getByRole('log', { name: 'Messages' }).getByRole('listitem')
    this.people = page.getByRole('list', { name: 'People' }).getByRole('listitem')
    this.events = page.getByRole('list', { name: 'What happened' }).getByRole('listitem')
    this.guest = page.getByRole('button', { name: /guest/ })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      const isNews = message.type() === 'error' || message.type() === 'warning'
      if (isNews && !EXPECTED.test(message.text())) this.complaints.push(message.text())
    })
  }

  /** Opens the page, and resolves when the person is in the room. */
  async enter(demo: string): Promise<void> {
    await this.page.goto(new URL('server.html', demo).href)
    await expect(this.people.filter({ hasText: '(you)' })).toHaveCount(1)
  }

  async name(): Promise<string> {
    return this.page.getByRole('textbox', { name: 'Your name' }).inputValue()
  }

  async say(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Message', exact: true }).fill(text)
    await this.page.getByRole('button', { name: 'Send' }).click()
  }

  async break(button: 'Cut the connection' | 'Freeze it' | 'Restart the server', time: Time): Promise<void> {
    await this.page.getByRole('combobox', { name: 'Break it for' }).selectOption(time)
    await this.page.getByRole('button', { name: button }).click()
  }

  /** What was said with this text. */
  said(text: string): Locator {
    return this.messages.filter({ hasText: text })
  }

  /** Waits for more messages than there are now. */
  async hearsMore(): Promise<void> {
    const count = async (): Promise<number> =>
      Number(/^[\d,]+/.exec((await this.tally.textContent())!)![0].replace(',', ''))
    const before = await count()
    await expect.poll(count).toBeGreaterThan(before + 5)
  }

  /** Silences this tab's guest. Resolves when all that it said is in the room. */
  async silence(): Promise<void> {
    await this.guest.click()
    await expect(this.page.getByText('0 on the way', { exact: true })).toBeVisible()
  }

  /** The numbers in the texts of the guests' messages that are shown. */
  async heard(): Promise<number[]> {
    const texts = await this.messages.filter({ hasText: /guest My message/ }).allTextContents()
    return texts.map((text) => Number(/My message (\d+)/.exec(text)![1]))
  }
}
