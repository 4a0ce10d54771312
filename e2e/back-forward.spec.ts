import type { Page } from '@playwright/test'
import { expect, test } from './tab-test.js'

const NOTICED = 1_000
const BACK = 2_000

// 'load' is no event of a page that is shown again.
const comeBack = (page: Page): Promise<unknown> => page.goBack({ waitUntil: 'commit' })

test('a page in the back/forward cache is let go by all, and linked again when it is shown', async ({
  open,
  openAlone,
  tabServer,
}) => {
  const plain = await openAlone()
  await plain.goto(tabServer.url)
  await comeBack(plain)
  const events = await plain.evaluate(() => window.tabs?.pageEvents)
  test.skip(!events?.includes('pageshow kept'), 'this browser keeps no pages at all')

  const [a, b] = [await open(), await open()]
  const id = await b.evaluate(() => window.tabs.id)
  await b.evaluate(() => window.tabs.name('kept'))
  await Promise.all([a, b].map((tab) => tab.evaluate(() => window.tabs.join())))
  expect(await a.evaluate(() => window.tabs.greet('kept'))).toBe('hello kept')
  await a.evaluate(() => window.tabs.callNeighbour(100))
  await b.evaluate(() => window.tabs.add(1))
  await b.evaluate(() => window.tabs.callWorker(100))

  const start = Date.now()
  await b.goto(tabServer.url)
  const noticed = (await a.evaluate((id) => window.tabs.workerLost(id), id)) - start
  const { codes, at } = await a.evaluate(() => window.tabs.landed())
  expect(codes).toEqual({ 'unknown maybe': 100 })
  expect(await a.evaluate(() => window.tabs.finds('kept'))).toBe(false)

  const shown = Date.now()
  await comeBack(b)
  expect(await b.evaluate(() => window.tabs.pageEvents)).toEqual(['pageshow fresh', 'pagehide kept', 'pageshow kept'])
  expect(await b.evaluate(() => window.tabs.landed())).toMatchObject({ codes: { 'unknown maybe': 100 } })
  expect(await b.evaluate(() => window.tabs.add(1))).toBe(2)
  const back = Date.now() - shown
  console.log(
    `put away: noticed after ${noticed} ms, calls to it settled after ${at - start} ms; back after ${back} ms`,
  )
  expect(noticed).toBeLessThan(5 * NOTICED)
  expect(at - start).toBeLessThan(5 * NOTICED)
  expect(back).toBeLessThan(5 * BACK)
  await expect.poll(() => a.evaluate(() => window.tabs.finds('kept'))).toBe(true)
  expect(await a.evaluate(() => window.tabs.echo('again'))).toBe('again')
  expect((await a.evaluate(() => window.tabs.lookIntoWorker())).peers).toHaveLength(2)
})

test('so is one that another tab talks to over a port of their own', async ({ open, tabServer }) => {
  const [a, b] = [await open(), await open()]
  await b.evaluate(() => window.tabs.name('kept'))
  expect(await a.evaluate(() => window.tabs.greet('kept'))).toBe('hello kept')
  const id = await b.evaluate(() => window.tabs.id)
  await expect.poll(() => a.evaluate(() => window.tabs.peers)).toContain(id)
  await a.evaluate(() => window.tabs.callNeighbour(100))

  const start = Date.now()
  await b.goto(tabServer.url)
  const { codes, at } = await a.evaluate(() => window.tabs.landed())
  console.log(`put away, with a port to another tab: calls to it settled after ${at - start} ms`)
  expect(codes).toEqual({ 'unknown maybe': 100 })
  expect(at - start).toBeLessThan(5 * NOTICED)

  await comeBack(b)
  expect(await b.evaluate(() => window.tabs.pageEvents)).toEqual(['pageshow fresh', 'pagehide kept', 'pageshow kept'])
  expect(await b.evaluate(() => window.tabs.add(1))).toBe(1)
  expect(await a.evaluate(() => window.tabs.echo('again'))).toBe('again')
})
