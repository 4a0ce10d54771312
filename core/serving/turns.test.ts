import { describe, expect, test } from 'vitest'
import { platformEnv } from '../ground/env.js'
import { type Taker, Turns } from './turns.js'

interface Timer {
  readonly at: number
  readonly fn: () => void
}

/** Milliseconds of one piece of work. */
const PIECE = 0.1

/** Turns whose time passes while work is done, and else goes on to the next timer. */
function timed() {
  let time = 0
  const tasks: (() => void)[] = []
  let timers: Timer[] = []
  const at = (due: number, fn: () => void): Timer => {
    const timer = { at: due, fn }
    timers.push(timer)
    return timer
  }
  const env = {
    ...platformEnv,
    now: () => time,
    defer: (task: () => void) => void tasks.push(task),
    setTimer: (fn: () => void, ms: number) => at(time + ms, fn),
    clearTimer: (timer: unknown) => void (timers = timers.filter((each) => each !== timer)),
  }
  const turns = new Turns({ env, queue: undefined })

  /** One that always has more to do. `took` is how long it worked. */
  const busy = (rests: number): Taker & { took: number } => {
    const taker = {
      hasMore: true,
      pieces: 1,
      used: 0,
      usedAt: 0,
      rests,
      took: 0,
      work(pieces: number) {
        time += pieces * PIECE
        taker.took += pieces * PIECE
      },
      rest() {},
    }
    turns.ask(taker, time)
    return taker
  }
  /** One that has one piece to do, every `ms` until a time. Returns how long each piece waited, and took. */
  const light = (ms: number, until: number): number[] => {
    const waits: number[] = []
    const asked: number[] = []
    const taker = {
      hasMore: false,
      pieces: 1,
      used: 0,
      usedAt: 0,
      rests: 2,
      work() {
        time += PIECE
        for (const due of asked.splice(0)) waits.push(time - due)
      },
      rest() {},
    }
    const ask = (due: number): void => {
      if (due >= until) return
      asked.push(due)
      if (asked.length === 1) turns.ask(taker, time)
      at(due + ms, () => ask(due + ms))
    }
    at(time + ms, () => ask(time))
    return waits
  }
  const run = async (until: number): Promise<void> => {
    while (time < until) {
      // What a task brings is done before the next one.
      await new Promise<void>((resolve) => platformEnv.defer(resolve))
      // Timers that are due come before tasks.
      const next = timers.toSorted((a, b) => a.at - b.at)[0]
      const task = next && (next.at <= time || tasks.length === 0) ? next.fn : tasks.shift()
      if (!task) return
      if (task === next?.fn) {
        env.clearTimer(next)
        time = Math.max(time, next.at)
      }
      task()
    }
  }
  return { busy, light, run }
}

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1]!

/** So many busy ones beside one with little to do: the part of the time of each, and what the other one waits in the median. */
async function beside(rests: number, count = 1): Promise<{ readonly shares: number[]; readonly wait: number }> {
  const { busy, light, run } = timed()
  const waits = light(3.7, 500)
  await run(5)
  const all = Array.from({ length: count }, () => busy(rests))
  await run(500)
  expect(waits.length).toBeGreaterThan(100)
  return { shares: all.map(({ took }) => took / 495), wait: median(waits) }
}

describe('beside one with little to do', () => {
  test('a busy one has its share of the time, and is seldom in the way', async () => {
    const { shares, wait } = await beside(2)
    expect(shares[0]).toBeGreaterThan(0.25)
    expect(shares[0]).toBeLessThan(0.36)
    expect(wait).toBeLessThanOrEqual(2 * PIECE)
  })

  test('a busy one with the whole time for its share does not rest', async () => {
    const { shares, wait } = await beside(0)
    expect(shares[0]).toBeGreaterThan(0.9)
    expect(wait).toBeGreaterThan(2 * PIECE)
  })

  test('several busy ones leave no time unused', async () => {
    const { shares } = await beside(2, 4)
    for (const share of shares) expect(share).toBeGreaterThan(0.2)
  })

  test('one that worked for long rests for 100 ms at most', async () => {
    const { busy, light, run } = timed()
    light(3.7, 1_200)
    await run(5)
    const taker = busy(1_000)
    await run(1_000)
    expect(taker.took).toBeGreaterThan(15)
    expect(taker.took).toBeLessThan(40)
  })
})

test('a busy one alone has all of the time', async () => {
  const { busy, run } = timed()
  const taker = busy(2)
  await run(200)
  expect(taker.took).toBeGreaterThan(199)
})

test('a busy one has all of the time again a second after the last one with little to do', async () => {
  const { busy, light, run } = timed()
  light(3.7, 100)
  await run(5)
  const taker = busy(2)
  await run(1_200)
  const before = taker.took
  await run(1_400)
  expect(taker.took - before).toBeGreaterThan(190)
})

test('busy ones only leave no time unused, and have as much each', async () => {
  const { busy, run } = timed()
  const all = [busy(2), busy(2)]
  await run(200)
  for (const { took } of all) expect(took).toBeGreaterThan(90)
})
