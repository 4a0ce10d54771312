import type { Page } from '@playwright/test'
import { crash, expect, processOf, test } from './tab-test.js'

const NOTICED = 1_000

const ENDS: readonly { how: string; end: (tab: Page) => Promise<number> }[] = [
  {
    how: 'page.close()',
    end: async (tab) => {
      const start = Date.now()
      await tab.close()
      return start
    },
  },
  { how: 'Page.crash', end: crash },
]

for (const { how, end } of ENDS) {
  test(`two tabs find each other's actors by name; ${how} of one takes its names away and settles calls`, async ({
    openAlone,
  }) => {
    const [a, b] = [await openAlone(), await openAlone()]
    for (const [tab, name] of [
      [a, 'ada'],
      [b, 'bob'],
    ] as const) {
      await tab.evaluate((name) => window.tabs.name(name), name)
      await tab.evaluate(() => window.tabs.join())
    }
    expect(await a.evaluate(() => window.tabs.greet('bob'))).toBe('hello bob')
    expect(await b.evaluate(() => window.tabs.greet('ada'))).toBe('hello ada')

    const pid = await processOf(b)
    await a.evaluate(() => window.tabs.callNeighbour(100))
    const start = await end(b)
    const { codes, at } = await a.evaluate(() => window.tabs.landed())
    console.log(`${how} of ${pid}, on a bus: 100 calls settled after ${at - start} ms`)
    expect(codes).toEqual({ 'unknown maybe': 100 })
    expect(at - start).toBeLessThan(5 * NOTICED)
    expect(await a.evaluate(() => window.tabs.finds('bob'))).toBe(false)
    expect(await a.evaluate(() => window.tabs.finds('ada'))).toBe(true)
    expect(await a.evaluate(() => window.tabs.peers)).toEqual([])
  })
}
