import type { Page } from '@playwright/test'
import { startLab } from './server-process.js'
import { crash, expect, processOf, processOfWorker, renderers, test } from './tab-test.js'

const NOTICED = 1_000
const BACK = 2_000

test('three tabs see one state; one that is closed is noticed, and what the worker held for it is freed', async ({
  open,
}) => {
  const [a, b, c] = [await open(), await open(), await open()]
  const sums = []
  for (const tab of [a, b, c, a]) sums.push(await tab.evaluate(() => window.tabs.add(1)))
  expect(sums).toEqual([1, 2, 3, 4])

  const id = await c.evaluate(() => window.tabs.id)
  await c.evaluate(() => window.tabs.callWorker(100))
  await c.evaluate(() => window.tabs.beCalled())
  const before = (await a.evaluate(() => window.tabs.lookIntoWorker())).peers.find((peer) => peer.id === id)!
  expect(before).toMatchObject({ pending: 1 })
  expect(before.exports).toBeGreaterThan(2)
  expect(before.imports).toBeGreaterThan(0)

  const start = Date.now()
  await c.close()
  const ms = (await a.evaluate((id) => window.tabs.workerLost(id), id)) - start
  console.log(`page.close(): the worker noticed after ${ms} ms`)
  expect(ms).toBeLessThan(5 * NOTICED)
  expect(await a.evaluate(() => window.tabs.called())).toBe('unknown maybe')
  const others = await Promise.all([a, b].map((tab) => tab.evaluate(() => window.tabs.id)))
  const { peers } = await b.evaluate(() => window.tabs.lookIntoWorker())
  expect(new Set(peers.map((peer) => peer.id))).toEqual(new Set(others))
  expect(await b.evaluate(() => window.tabs.add(1))).toBe(5)
})

test('a tab that crashes is noticed, and the others go on', async ({ open, browser }) => {
  const [a, b, c] = [await open(), await open(), await open()]
  const [host, pid] = [await processOf(a), await processOf(c)]
  const worker = await a.evaluate(() => window.tabs.worker)
  const id = await c.evaluate(() => window.tabs.id)
  await c.evaluate(() => window.tabs.callWorker(100))

  const start = await crash(c)
  const ms = (await a.evaluate((id) => window.tabs.workerLost(id), id)) - start
  console.log(`Page.crash of ${pid}, where the worker is not: the worker noticed after ${ms} ms`)
  expect(ms).toBeLessThan(5 * NOTICED)
  const left = await renderers(browser)
  expect(left).not.toContain(pid)
  expect(left).toContain(host)
  const { id: same, peers } = await b.evaluate(() => window.tabs.lookIntoWorker())
  expect(same).toBe(worker)
  expect(peers).toHaveLength(2)
  for (const tab of [a, b]) expect(await tab.evaluate(() => window.tabs.losses)).toEqual([])
  expect(await a.evaluate(() => window.tabs.add(1))).toBe(1)
  expect(await b.evaluate(() => window.tabs.add(1))).toBe(2)
})

test('a crash that takes the worker along settles the calls of all tabs, and it is back', async ({ open, browser }) => {
  const [a, b, c] = [await open(), await open(), await open()]
  const pid = await processOf(a)
  // Found through the worker, and talked to without it.
  await b.evaluate(() => window.tabs.name('bob'))
  expect(await c.evaluate(() => window.tabs.greet('bob'))).toBe('hello bob')
  const bob = await b.evaluate(() => window.tabs.id)
  await expect.poll(() => c.evaluate(() => window.tabs.peers)).toContain(bob)
  await callAndLose('Page.crash', pid, [b, c], () => crash(a))
  expect(await renderers(browser)).not.toContain(pid)
  expect(await c.evaluate(() => window.tabs.losses)).not.toContain(bob)
  expect(await c.evaluate(() => window.tabs.echo('still here'))).toBe('still here')
  expect(await c.evaluate(() => window.tabs.finds('bob'))).toBe(true)
})

test('so does the death of a worker that has a process of its own', async ({ open, browser }) => {
  test.skip(process.platform !== 'linux', 'the process of a worker is found in /proc')
  // Pages that are isolated share no process with a SharedWorker, which is not.
  const server = await startLab()
  try {
    const tabs = [await open(server), await open(server)]
    const pid = await processOfWorker(browser)
    for (const tab of tabs) expect(await processOf(tab)).not.toBe(pid)
    await callAndLose('SIGKILL', pid, tabs, async () => {
      const at = Date.now()
      process.kill(pid, 'SIGKILL')
      return at
    })
  } finally {
    await server.kill()
  }
})

/** Two tabs have calls in flight when the worker dies of a blow: they settle, and both find the same new one. */
async function callAndLose(how: string, pid: number, tabs: Page[], blow: () => Promise<number>): Promise<void> {
  const before = await tabs[0]!.evaluate(() => window.tabs.worker)
  await tabs[0]!.evaluate(() => window.tabs.add(10))
  for (const tab of tabs) await tab.evaluate(() => window.tabs.callWorker(100))

  const start = await blow()
  const back = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.tabs.addAgain(1))))
  const landings = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.tabs.landed())))
  const settled = Math.max(...landings.map(({ at }) => at)) - start
  const ms = Math.max(...back.map(({ at }) => at)) - start
  console.log(`${how} of ${pid}, where the worker is: calls settled after ${settled} ms, it was back after ${ms} ms`)
  for (const { codes } of landings) expect(codes).toEqual({ 'unknown maybe': 100 })
  expect(new Set(back.map(({ total }) => total))).toEqual(new Set([1, 2]))
  expect(ms).toBeLessThan(5 * BACK)
  const [first, second] = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.tabs.worker)))
  expect(first).not.toBe(before)
  expect(second).toBe(first)
}
