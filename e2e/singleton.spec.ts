import { setTimeout as sleep } from 'node:timers/promises'
import { Tabs } from './singleton-tabs.js'
import { expect, processOf, processOfWorker, test } from './tab-test.js'

const LEASE = 2_000
const IS_TORTURE = process.env['TORTURE'] === '1'
const ROUNDS = IS_TORTURE ? 50 : 5
/** What a takeover may take beside the lease, and how much longer on a machine that is busy with other things. */
const SOON = 1_000
const BUSY = IS_TORTURE ? 1 : 3

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

for (const home of ['tab', 'worker']) {
  test(`home ${home}: the leading tab is closed, loaded anew, crashes or stops ${ROUNDS} times, and no increment is lost or done twice`, async ({
    context,
    browser,
    tabServer,
  }) => {
    test.setTimeout(60_000 + ROUNDS * 15_000)
    const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
    const random = seeded(seed)
    const tabs = await Tabs.of(context, tabServer.url, home, { lease: LEASE })
    for (let count = 0; count < 5; count++) await tabs.run(await tabs.open())
    const times: Record<string, number[]> = { close: [], reload: [], crash: [], stop: [] }
    let held = 0
    // Each of them at least once, in random order.
    const ways = Array.from({ length: ROUNDS }, (_, round) => Object.keys(times)[round % 4]!)
    ways.sort(() => random() - 0.5)
    for (const way of ways) {
      await sleep(random() * 500)
      await tabs.until(() => tabs.leader !== undefined, 'one leads')
      const leader = tabs.leader!
      if (way === 'close' || way === 'crash') {
        const since = await tabs.kill(leader, way)
        times[way]!.push(await tabs.takenOver(since, leader))
        await tabs.run(await tabs.open())
        continue
      }
      if (way === 'reload') {
        const { at, loaded } = await tabs.reload(leader)
        times[way]!.push(await tabs.takenOver(at, leader))
        const tab = await loaded
        await tabs.join(tab)
        await tabs.run(tab)
        continue
      }
      const pid = await processOf(leader.page)
      const isHostStopped = home === 'worker' && (await processOfWorker(browser)) === pid
      const since = Date.now()
      process.kill(pid, 'SIGSTOP')
      try {
        // There is no other SharedWorker to have while one hangs. And no tab can use the database while one is stopped that
        // is in the middle of sending a transaction: the browser gives it 60 s.
        if (isHostStopped) await sleep(LEASE + SOON)
        else if (await tabs.holdsStore(leader)) held++
        else times[way]!.push(await tabs.takenOver(since, leader))
        await sleep(random() * 500)
      } finally {
        process.kill(pid, 'SIGCONT')
      }
      await tabs.until(() => tabs.leader !== undefined && tabs.leader !== leader, 'the one that was stopped follows')
    }
    const text = await tabs.check()
    const took = Object.entries(times).map(
      ([way, all]) => `${way} ${all.length} times, median ${median(all)} ms, at most ${Math.max(0, ...all)} ms`,
    )
    console.log(`home ${home}, seed ${seed}: ${text}; ${took.join('; ')}; stopped in a transaction: ${held}`)
    for (const [way, all] of Object.entries(times))
      for (const ms of all) expect(ms, way).toBeLessThan((way === 'stop' ? LEASE : 0) + SOON * BUSY)
  })
}
