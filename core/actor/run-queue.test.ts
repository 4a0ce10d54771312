import { describe, expect, test } from 'vitest'
import { Actor, ask, Dispatcher, tell } from '../index.js'
import { platformEnv } from '../ground/env.js'

/** Keeps the thread busy for so many milliseconds. */
const spin = (ms: number): void => {
  const end = platformEnv.now() + ms
  while (platformEnv.now() < end);
}

class Busy extends Actor {
  spun = 0
  spin(ms: number): number {
    spin(ms)
    return ++this.spun
  }
}

const task = (): Promise<void> => new Promise((resolve) => platformEnv.defer(resolve))

describe('actors with much to do', () => {
  test('let timers and input have their turn every few milliseconds', async () => {
    await using dispatcher = new Dispatcher()
    const actors = await Promise.all(Array.from({ length: 4 }, () => dispatcher.spawn(Busy)))
    const all = actors.flatMap((actor) => Array.from({ length: 50 }, () => actor.spin(2)))
    let longest = 0
    let turns = 0
    let isDone = false
    void Promise.all(all).then(() => (isDone = true))
    for (let last = platformEnv.now(); !isDone; last = platformEnv.now()) {
      await task()
      longest = Math.max(longest, platformEnv.now() - last)
      turns++
    }
    console.log(
      `200 messages of 2 ms: ${turns} turns of others between them, the longest wait ${longest.toFixed(1)} ms`,
    )
    expect(turns).toBeGreaterThan(20)
  })

  test('do not begin a call whose time is over, though no timer could run', async () => {
    await using dispatcher = new Dispatcher()
    const busy = await dispatcher.spawn(Busy)
    tell(busy).spin(60)
    const calls = Array.from({ length: 5 }, () => ask(busy, { timeout: 20 }).spin(1))
    const codes = await Promise.allSettled(calls)
    expect(codes.map((each) => (each as PromiseRejectedResult).reason)).toEqual(
      calls.map(() => expect.objectContaining({ code: 'timeout', ran: 'no' })),
    )
    expect(await busy.spin(0)).toBe(2)
  })
})
