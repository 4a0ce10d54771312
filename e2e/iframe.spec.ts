import { fileURLToPath } from 'node:url'
import type { Frame } from '@playwright/test'
import { type WebServer, webServer } from '../demo/web-server.js'
import { expect, test as base } from './test.js'

/** Two servers of the test pages: the second may be framed by the first, and has two origins. */
interface Sites {
  readonly page: string
  readonly frame: string
  /** Another origin of the page's server, where the page is not. */
  readonly wrongPage: string
  /** The same of the frame's server. */
  readonly wrongFrame: string
}

const test = base.extend<{ sites: Sites }>({
  sites: async ({ page }, use) => {
    const root = fileURLToPath(new URL('../.cache/e2e/page', import.meta.url))
    const frames: string[] = []
    const first = await webServer({ root, port: 0, frames })
    const [onPage, wrongPage] = first.origins as [string, string]
    const second = await webServer({ root, port: 0, ancestors: [onPage] })
    const [onFrame, wrongFrame] = second.origins as [string, string]
    frames.push(onFrame, wrongFrame)
    await page.goto(`${onPage}/frames.html`)
    await use({ page: onPage, frame: onFrame, wrongPage, wrongFrame })
    for (const { server } of [first, second] satisfies WebServer[]) {
      server.closeAllConnections()
      server.close()
    }
  },
})

const frameFor = (site: string, origin: string): string => `${site}/frame.html?origin=${encodeURIComponent(origin)}`

test('a window of another origin passes the conformance suite', async ({ page, sites }) => {
  test.setTimeout(120_000)
  const { passed, failed } = await page.evaluate(([src, origin]) => window.outside.conform(src, origin), [
    frameFor(sites.frame, sites.page),
    sites.frame,
  ] as const)
  expect(failed).toEqual([])
  expect(passed).toBeGreaterThan(20)
})

test('a page and its frame of another origin call each other', async ({ page, sites }) => {
  await page.evaluate((src) => window.outside.show(src), frameFor(sites.frame, sites.page))
  const [, frame] = page.frames() as [Frame, Frame]
  await page.evaluate((origin) => window.outside.host(0, origin), sites.frame)
  expect(await page.evaluate((origin) => window.outside.connect(0, origin), sites.frame)).toBe('connected')
  expect(await page.evaluate(() => window.outside.callFrame())).toEqual([3, 7, 10])
  expect(await frame.evaluate(() => window.inside.callPage())).toEqual([3, 7, 10])
  expect(await frame.evaluate(() => window.inside.claims)).toEqual([
    { origin: sites.page, token: undefined, key: false },
  ])
})

test('a page that names another origin reaches nobody', async ({ page, sites, complaints }) => {
  await page.evaluate((src) => window.outside.show(src), frameFor(sites.frame, sites.page))
  const [, frame] = page.frames() as [Frame, Frame]
  await page.evaluate((origin) => window.outside.host(0, origin), sites.wrongFrame)
  expect(await page.evaluate((origin) => window.outside.connect(0, origin), sites.wrongFrame)).toBe('handshake-timeout')
  // The page's host answers a frame of that origin only, so this one does not get in.
  expect(await frame.evaluate(() => window.inside.connect())).toBe('handshake-timeout')
  expect(await frame.evaluate(() => window.inside.heard)).toEqual([])
  expect(await frame.evaluate(() => window.inside.claims)).toEqual([])
  expect(complaints.console.join()).toContain(sites.wrongFrame)
})

test('a frame that names another origin neither answers the page nor reaches it', async ({ page, sites }) => {
  await page.evaluate((src) => window.outside.show(src), frameFor(sites.frame, sites.wrongPage))
  const [, frame] = page.frames() as [Frame, Frame]
  expect(await page.evaluate((origin) => window.outside.connect(0, origin), sites.frame)).toBe('handshake-timeout')
  expect(await page.evaluate(() => window.outside.heard)).toEqual([])
  expect(await frame.evaluate(() => window.inside.heard.length)).toBeGreaterThan(0)
  expect(await frame.evaluate(() => window.inside.claims)).toEqual([])
})

test('a third frame that repeats what the two said is ignored by both', async ({ page, sites }) => {
  await page.evaluate((src) => window.outside.show(src), frameFor(sites.frame, sites.page))
  await page.evaluate((src) => window.outside.show(src), `${sites.wrongFrame}/spoofer.html`)
  const [, frame, spoofer] = page.frames() as [Frame, Frame, Frame]
  await page.evaluate((origin) => window.outside.host(0, origin), sites.frame)
  expect(await page.evaluate((origin) => window.outside.connect(0, origin), sites.frame)).toBe('connected')
  expect(await page.evaluate(() => window.outside.callFrame())).toEqual([3, 7, 10])
  const heard = [
    ...(await page.evaluate(() => window.outside.heard)),
    ...(await frame.evaluate(() => window.inside.heard)),
  ].map(({ data }) => data)
  expect(heard.length).toBeGreaterThan(10)
  // To either, what it said itself and what it was told: knocks, greetings, replies to calls that are long answered.
  const knocks = ['host', 'knock'].map((troupe) => ({ troupe, from: 'somebody' }))
  await spoofer.evaluate((messages) => window.spoofer.post(messages), [...heard, ...knocks])
  const arrived = (list: { origin: string }[]): number =>
    list.filter(({ origin }) => origin === sites.wrongFrame).length
  await expect.poll(async () => arrived(await page.evaluate(() => window.outside.heard))).toBe(heard.length + 2)
  await expect.poll(async () => arrived(await frame.evaluate(() => window.inside.heard))).toBe(heard.length + 2)
  expect(await page.evaluate(() => window.outside.callFrame())).toEqual([3, 7, 10])
  expect(await page.evaluate(() => window.outside.peers())).toBe(1)
  expect(await frame.evaluate(() => window.inside.peers())).toBe(1)
  expect(await frame.evaluate(() => window.inside.claims.length)).toBe(1)
  expect(await spoofer.evaluate(() => window.spoofer.heard)).toEqual([])
})
