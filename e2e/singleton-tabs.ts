import { type BrowserContext, expect, type Page } from '@playwright/test'
import { crash, processOf } from './tab-test.js'

/** What the test was told of one tab. */
export class Tab {
  began = 0
  added = 0
  /** Outcomes of increments that failed, each with how often. */
  readonly failures: Record<string, number> = {}
  state = 'waiting'
  leader = ''
  isDead = false

  constructor(
    readonly id: string,
    readonly page: Page,
  ) {}
}

/** Tabs that share a counter, and increment it. */
export class Tabs {
  readonly #context: BrowserContext
  readonly #url: string
  readonly #home: string
  readonly #options: object
  readonly #tabs = new Map<string, Tab>()
  readonly #listeners = new Set<() => void>()

  private constructor(context: BrowserContext, url: string, home: string, options: object) {
    this.#context = context
    this.#url = url
    this.#home = home
    this.#options = options
  }

  static async of(context: BrowserContext, url: string, home: string, options: object = {}): Promise<Tabs> {
    const tabs = new Tabs(context, url, home, options)
    const told = (id: string, change: (tab: Tab) => void): void => {
      const tab = tabs.#tabs.get(id)
      if (tab) change(tab)
      for (const listener of tabs.#listeners) listener()
    }
    await context.exposeFunction('told', (id: string, state: string, leader: string) =>
      told(id, (tab) => void Object.assign(tab, { state, leader })),
    )
    await context.exposeFunction('began', (id: string) => told(id, (tab) => void tab.began++))
    await context.exposeFunction('ended', (id: string, outcome: string) =>
      told(id, (tab) => {
        if (outcome === 'added') tab.added++
        else tab.failures[outcome] = (tab.failures[outcome] ?? 0) + 1
      }),
    )
    return tabs
  }

  get all(): Tab[] {
    return [...this.#tabs.values()]
  }

  get living(): Tab[] {
    return this.all.filter(({ isDead }) => !isDead)
  }

  /** The one that leads, as all that live say. */
  get leader(): Tab | undefined {
    const [leader, ...others] = this.living.filter(({ state }) => state === 'leading')
    return others.length === 0 ? leader : undefined
  }

  async open(options = this.#options): Promise<Tab> {
    const id = `tab${this.#tabs.size + 1}`
    const page = await this.#context.newPage()
    const tab = new Tab(id, page)
    this.#tabs.set(id, tab)
    await page.goto(`${this.#url}singleton.html?id=${id}`)
    await this.join(tab, options)
    return tab
  }

  join({ page }: Tab, options = this.#options): Promise<void> {
    return page.evaluate(([home, given]) => window.shared.join(home, given), [this.#home, options] as const)
  }

  /** Resolves when what the test is told makes `test` true. */
  async until(test: () => boolean, what: string, ms = 30_000): Promise<void> {
    let listener = (): void => {}
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms; ${this.report()}`)), ms)
    })
    const happened = new Promise<void>((resolve) => {
      listener = () => test() && resolve()
      this.#listeners.add(listener)
      listener()
    })
    try {
      await Promise.race([happened, late])
    } finally {
      this.#listeners.delete(listener)
      clearTimeout(timer)
    }
  }

  report(): string {
    return this.all
      .map(({ id, state, leader, began, added, failures, isDead }) =>
        [id, isDead ? 'dead' : state, leader, began, added, JSON.stringify(failures)].join(' '),
      )
      .join('; ')
  }

  run(tab: Tab): Promise<void> {
    return tab.page.evaluate(() => window.shared.run())
  }

  /** Ends a tab: as a person closes it, or without a word. Resolves to the time of the blow. */
  async kill(tab: Tab, how: 'close' | 'crash'): Promise<number> {
    tab.isDead = true
    if (how === 'crash') {
      const at = await crash(tab.page)
      await tab.page.close()
      return at
    }
    const closed = tab.page.waitForEvent('close')
    const at = Date.now()
    await tab.page.close({ runBeforeUnload: true })
    await closed
    return at
  }

  /** Loads the page of a tab anew: it is another tab then, which has not joined yet. Resolves to that, and to the time. */
  async reload(tab: Tab): Promise<{ at: number; loaded: Promise<Tab> }> {
    tab.isDead = true
    this.#tabs.set(`${tab.id}, before ${this.#tabs.size}`, tab)
    const next = new Tab(tab.id, tab.page)
    this.#tabs.set(tab.id, next)
    const at = Date.now()
    const reloading = tab.page.reload()
    return { at, loaded: reloading.then(() => next) }
  }

  /** Milliseconds from `since` until another tab led and an increment came back to each tab that runs. */
  async takenOver(since: number, without: Tab): Promise<number> {
    const others = this.living.filter((tab) => tab !== without && tab.began > 0)
    await this.until(() => others.some(({ state }) => state === 'leading'), 'another one leads')
    const before = others.map(({ added }) => added)
    await this.until(() => others.every(({ added }, place) => added > before[place]!), 'others go on')
    return Date.now() - since
  }

  /** Whether a tab that is stopped keeps the others from writing to the database. */
  holdsStore(stopped: Tab): Promise<boolean> {
    const [other] = this.living.filter((tab) => tab !== stopped)
    return other!.page.evaluate(() => window.shared.isStoreHeld())
  }

  /** Stops the increments of all that live, and compares the count with what is known of them. */
  async check(): Promise<string> {
    await Promise.all(this.living.map(({ page }) => page.evaluate(() => window.shared.rest())))
    const counts = await Promise.all(this.living.map(({ page }) => page.evaluate(() => window.shared.value())))
    const count = counts[0]!
    const added = this.all.reduce((sum, tab) => sum + tab.added, 0)
    const lost = this.all.filter(({ isDead }) => isDead).reduce((sum, tab) => sum + tab.began - tab.added, 0)
    const text = `${added} acknowledged, ${count} counted, ${lost} in flight in tabs that died`
    expect(new Set(counts).size, text).toBe(1)
    for (const { failures, id } of this.living) expect(failures, `${id}: ${text}`).toEqual({})
    expect(count, text).toBeGreaterThanOrEqual(added)
    expect(count, text).toBeLessThanOrEqual(added + lost)
    return text
  }

  processOf(tab: Tab): Promise<number> {
    return processOf(tab.page)
  }
}
