import { setTimeout as sleep } from 'node:timers/promises'
import { expect, processOf, test } from './tab-test.js'

// Longer than a heartbeat, and shorter than the two that may be missed: see pages/heartbeat.ts.
const STOPPED = process.env['TORTURE'] === '1' ? 20_000 : 3_000
const TIMEOUT = Math.max(1_500, STOPPED / 4)
const PROMPTLY = 1_000

test(`a tab that stops for ${STOPPED} ms is not taken for dead, and its deadlines count`, async ({ open }) => {
  test.setTimeout(30_000 + STOPPED)
  const [a, b] = [await open(), await open()]
  await b.evaluate(() => window.tabs.name('stopped'))
  for (const tab of [a, b]) await tab.evaluate(() => window.tabs.join())
  expect(await a.evaluate(() => window.tabs.greet('stopped'))).toBe('hello stopped')
  const peers = await b.evaluate(() => window.tabs.peers)
  const [other, pid] = [await processOf(a), await processOf(b)]
  expect(pid).not.toBe(other)

  await b.evaluate((timeout) => window.tabs.callWorkerWithin(timeout), TIMEOUT)
  let waiting
  let continued
  process.kill(pid, 'SIGSTOP')
  try {
    waiting = a.evaluate(() => window.tabs.echo('waited'))
    expect(await a.evaluate(() => window.tabs.add(1))).toBe(1)
    await sleep(STOPPED)
  } finally {
    // Read before: a tab that goes on may be faster than we are.
    continued = Date.now()
    process.kill(pid, 'SIGCONT')
  }

  expect(await waiting).toBe('waited')
  const { codes, at } = await b.evaluate(() => window.tabs.landed())
  const ms = at - continued
  console.log(`SIGSTOP of ${pid} for ${STOPPED} ms: a call with a timeout of ${TIMEOUT} ms settled ${ms} ms after it`)
  expect(codes).toEqual({ 'timeout maybe': 1 })
  expect(at).toBeGreaterThanOrEqual(continued)
  expect(ms).toBeLessThan(5 * PROMPTLY)
  expect(await b.evaluate(() => window.tabs.add(1))).toBe(2)
  expect(await b.evaluate(() => window.tabs.peers)).toEqual(peers)
  for (const tab of [a, b]) {
    expect(await tab.evaluate(() => window.tabs.losses)).toEqual([])
    expect(await tab.evaluate(() => window.tabs.workersLosses)).toEqual([])
  }
})
