import type { Browser, Page } from '@playwright/test'
import { leafKey } from 'troupe/nats'
import { Rooms } from './deploying.js'
import { expect, test as base } from './test.js'

const KEY = '0123456789abcdef0123456789abcdef'

interface Room {
  say(who: string, text: string): Promise<number>
}
declare global {
  interface Window {
    enter(how: 'page' | 'leaf' | 'member', who: string, by?: string): Promise<void>
    room: Room
    who: string
    lines: string[]
    members(): number
    said: Promise<number>[]
  }
}

const test = base.extend<{ key: string; rooms: Rooms }>({
  key: [KEY, { option: true }],
  rooms: async ({ key }, use) => {
    const rooms = await Rooms.start(key)
    await use(rooms)
    await rooms.dispose()
  },
})

const open = async (
  browser: Browser,
  rooms: Rooms,
  how: 'page' | 'leaf' | 'member',
  who: string,
  by?: string,
): Promise<Page> => {
  const page = await browser.newPage()
  await page.goto(rooms.url)
  await page.evaluate(([how, who, by]) => window.enter(how, who, by), [how, who, by] as const)
  return page
}

const lines = (page: Page): Promise<string[]> => page.evaluate(() => window.lines)

test('two tabs in a room lose no line while each of three processes is killed in turn', async ({ rooms, browser }) => {
  const tabs = [await open(browser, rooms, 'page', 'ann'), await open(browser, rooms, 'page', 'bob')]
  for (const tab of tabs) expect(await tab.evaluate(() => window.room.say(window.who, 'hello'))).toBeGreaterThan(0)
  const first = rooms.processes()
  expect(first).toHaveLength(3)
  for (const [round, pid] of first.entries()) {
    for (const tab of tabs)
      await tab.evaluate((round) => {
        window.said = Array.from({ length: 20 }, (_, n) => window.room.say(window.who, `${round}.${n}`))
      }, round)
    process.kill(pid, 'SIGKILL')
    for (const tab of tabs) await tab.evaluate(() => Promise.all(window.said))
    await expect.poll(() => rooms.processes().length).toBe(3)
  }
  for (const tab of tabs) await expect.poll(async () => (await lines(tab)).length).toBe(122)
  const [all, others] = [await lines(tabs[0]!), await lines(tabs[1]!)]
  expect(others).toEqual(all)
  for (const who of ['ann', 'bob']) {
    const said = ['hello', ...first.flatMap((_, round) => Array.from({ length: 20 }, (__, n) => `${round}.${n}`))]
    expect(all.filter((line) => line.startsWith(who))).toEqual(said.map((text) => `${who}: ${text}`))
  }
})

test('a tab with a key of its own is a leaf over the WebSocket of NATS, beside one over that of a process', async ({
  rooms,
  browser,
}) => {
  const tab = await open(browser, rooms, 'page', 'ann')
  await tab.evaluate(() => window.room.say(window.who, 'hello'))
  const leaf = await open(browser, rooms, 'leaf', 'eve', leafKey(KEY, { name: 'eve' }))
  expect(await leaf.evaluate(() => window.room.say(window.who, 'hi'))).toBe(2)
  for (const page of [tab, leaf]) await expect.poll(() => lines(page)).toEqual(['ann: hello', 'eve: hi'])
  await rooms.broker.kill()
  const said = leaf.evaluate(() => window.room.say(window.who, 'still here'))
  await rooms.broker.start()
  expect(await said).toBe(3)
  for (const page of [tab, leaf]) await expect.poll(async () => (await lines(page)).at(-1)).toBe('eve: still here')
  expect(await rooms.stop()).toBe(0)
})

test.describe('without a key', () => {
  test.use({ key: '' })
  test('three processes and a tab over the WebSocket of NATS are one cluster', async ({ rooms, browser }) => {
    const member = await open(browser, rooms, 'member', 'bob', `ws://127.0.0.1:${rooms.broker.pagePort}`)
    await expect.poll(() => member.evaluate(() => window.members())).toBe(3)
    expect(await member.evaluate(() => window.room.say(window.who, 'hello'))).toBe(1)
    const tab = await open(browser, rooms, 'page', 'ann')
    expect(await tab.evaluate(() => window.room.say(window.who, 'hi'))).toBe(2)
    await expect.poll(() => lines(member)).toEqual(['bob: hello', 'ann: hi'])
    process.kill(rooms.processes()[0]!, 'SIGKILL')
    expect(await member.evaluate(() => window.room.say(window.who, 'one less'))).toBe(3)
    await expect.poll(() => member.evaluate(() => window.members())).toBe(3)
  })
})
