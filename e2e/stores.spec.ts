import { mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { launchOptions } from './chromium.js'
import type { ServerProcess } from './server-process.js'
import { crash, expect, processOf, test } from './tab-test.js'

const CRASHES = 5
const KILLS = 3
const STOPS = 10

/** The numbers that a tab has reported as committed, up to the last. */
class Reports {
  #last = 0
  #reported: (() => void) | undefined

  constructor(readonly context: BrowserContext) {}

  static async of(context: BrowserContext): Promise<Reports> {
    const reports = new Reports(context)
    await context.exposeFunction('report', (n: number) => {
      reports.#last = n
      reports.#reported?.()
    })
    return reports
  }

  get last(): number {
    return this.#last
  }

  /** Resolves when more have come. */
  async more(count: number): Promise<void> {
    const wanted = this.#last + count
    while (this.#last < wanted) await new Promise<void>((resolve) => (this.#reported = resolve))
  }

  reset(): void {
    this.#last = 0
  }
}

const pageOf = ({ url }: ServerProcess): string => `${url}stores.html`

async function open(context: BrowserContext, server: ServerProcess): Promise<Page> {
  const page = await context.newPage()
  await page.goto(pageOf(server))
  return page
}

/** Has the page commit without end; it ends when the page does. */
const record = (page: Page, name: string): Promise<unknown> =>
  page.evaluate((name) => window.stores.record(name), name).catch(String)

const somewhere = (): number => 20 + Math.floor(Math.random() * 200)

// On a machine that is busy with other things, each crash takes seconds.
test.setTimeout(180_000)

test('two tabs count in one database', async ({ context, tabServer }) => {
  const tabs = [await open(context, tabServer), await open(context, tabServer)]
  const refused = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.stores.increment(200))))
  for (const tab of tabs) expect(await tab.evaluate(() => window.stores.count())).toBe(400)
  console.log(`refused because the other tab was faster: ${refused.join(', ')} of 200`)
})

test('what a tab was told that it committed is there after it crashed, and nothing by halves', async ({
  context,
  tabServer,
}) => {
  const reports = await Reports.of(context)
  const reader = await open(context, tabServer)
  const seen: string[] = []
  for (let round = 1; round <= CRASHES; round++) {
    const name = `crash${round}`
    const tab = await open(context, tabServer)
    reports.reset()
    const recording = record(tab, name)
    await reports.more(somewhere())
    await crash(tab)
    await recording
    const { count, faults } = await reader.evaluate((name) => window.stores.check(name), name)
    expect(faults).toEqual([])
    expect(count).toBeGreaterThanOrEqual(reports.last)
    seen.push(`${reports.last}/${count}`)
    await tab.close()
  }
  console.log(`${CRASHES} crashes, commits reported/there: ${seen.join(', ')}`)
})

test('what was committed is there after the whole browser was killed', async ({ tabServer }) => {
  const profile = mkdtempSync(join(tmpdir(), 'troupe-profile-'))
  const seen: string[] = []
  try {
    for (let round = 1; round <= KILLS; round++) {
      const name = `kill${round}`
      const context = await chromium.launchPersistentContext(profile, launchOptions())
      const reports = await Reports.of(context)
      const recording = record(await open(context, tabServer), name)
      await reports.more(somewhere())
      const closed = new Promise((resolve) => context.on('close', resolve))
      // It links to the name of the machine and the process.
      process.kill(Number(/\d+$/.exec(readlinkSync(join(profile, 'SingletonLock')))![0]), 'SIGKILL')
      await closed
      await recording

      const again = await chromium.launchPersistentContext(profile, launchOptions())
      const reader = await open(again, tabServer)
      const { count, faults } = await reader.evaluate((name) => window.stores.check(name), name)
      expect(faults).toEqual([])
      expect(count).toBeGreaterThanOrEqual(reports.last)
      seen.push(`${reports.last}/${count}`)
      await again.close()
    }
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
  console.log(`${KILLS} kills of the browser, commits reported/there: ${seen.join(', ')}`)
})

test('a full storage is told with its cause, changes nothing, and can be written to when there is more of it', async ({
  context,
  tabServer,
}) => {
  const page = await open(context, tabServer)
  const session = await context.newCDPSession(page)
  const { origin } = new URL(tabServer.url)
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 })
  expect(await page.evaluate(() => window.stores.put('small', 1_000))).toBe('made')
  expect(await page.evaluate(() => window.stores.put('large', 5_000_000))).toEqual({
    code: 'stored-failed',
    ran: 'no',
    cause: 'QuotaExceededError',
  })
  expect(await page.evaluate(() => window.stores.sizes())).toEqual(['large/small 1000'])
  await session.send('Storage.overrideQuotaForOrigin', { origin })
  expect(await page.evaluate(() => window.stores.put('large', 5_000_000))).toBe('made')
  expect(await page.evaluate(() => window.stores.sizes())).toEqual(['large/large 5000000', 'large/small 1000'])
})

test('a page that may not store is told so', async ({ context, tabServer }) => {
  // A sandbox takes the origin of the page, for which its own modules are those of another one then.
  const sandbox = { 'content-security-policy': 'sandbox allow-scripts' }
  const shared = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }
  await context.route('**/*', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, headers: { ...response.headers(), ...sandbox, ...shared } })
  })
  const page = await open(context, tabServer)
  expect(await page.evaluate(() => window.stores.put('small', 10))).toEqual({
    code: 'stored-failed',
    ran: 'no',
    cause: 'SecurityError',
  })
})

test('a tab that stops while it commits loses nothing, and others wait for it no longer than they will', async ({
  context,
  tabServer,
}) => {
  const reports = await Reports.of(context)
  const [tab, other] = [await open(context, tabServer), await open(context, tabServer)]
  const pid = await processOf(tab)
  expect(pid).not.toBe(await processOf(other))
  // The first commit asks the platform before anything else is sent.
  expect((await other.evaluate(() => window.stores.wait())).outcome).toBe('made')
  const recording = record(tab, 'stops')
  let held = 0
  for (let stop = 1; stop <= STOPS; stop++) {
    await reports.more(somewhere())
    process.kill(pid, 'SIGSTOP')
    try {
      const { ms, outcome } = await other.evaluate(() => window.stores.wait())
      expect(ms).toBeLessThan(3_000)
      if (outcome !== 'made') {
        held++
        expect(outcome).toMatchObject({ code: 'stored-failed', ran: 'maybe' })
      }
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await expect(async () => expect((await other.evaluate(() => window.stores.wait())).outcome).toBe('made')).toPass()
  }
  await tab.close()
  await recording
  const { count, faults } = await other.evaluate(() => window.stores.check('stops'))
  expect(faults).toEqual([])
  expect(count).toBeGreaterThanOrEqual(reports.last)
  console.log(`${STOPS} stops, ${held} of them in a transaction, which held others up`)
})
