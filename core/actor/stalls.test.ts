import { describe, expect, test } from 'vitest'
import { Actor, Dispatcher, type LogEntry, type Proxy, type Stalled } from '../index.js'
import { linkedPair, virtualClock } from '../testing/index.js'

class Slow extends Actor {
  #gates: (() => void)[] = []
  wait(): Promise<void> {
    return new Promise((resolve) => this.#gates.push(resolve))
  }
  async waitFor(other: Proxy<Slow>): Promise<void> {
    await this.context.ask(other).wait()
  }
  add(): void {}
  /** Lets the oldest wait end; told, since a call would wait behind it. */
  end(): void {
    this.#gates.shift()?.()
  }
}

function hearing(stalled?: number) {
  const clock = virtualClock()
  const logged: LogEntry[] = []
  const told: Stalled[] = []
  const dispatcher = new Dispatcher({
    env: clock,
    log: (entry) => logged.push(entry),
    ...(stalled !== undefined && { stalled }),
  })
  dispatcher.on('stalled', (stall) => told.push(stall))
  return { clock, logged, told, dispatcher }
}

describe('a handler that runs for long while others wait', () => {
  test('is told once, in an event, the log and info(), and goes on', async () => {
    const { clock, logged, told, dispatcher } = hearing()
    let end = (): void => {}
    class Held extends Slow {
      override wait(): Promise<void> {
        return new Promise((resolve) => (end = resolve))
      }
    }
    const held = await dispatcher.spawn(Held, { name: 'held' })
    for (let round = 1; round <= 2; round++) {
      const waits = held.wait()
      const behind = held.add()
      await clock.advance(9_000)
      expect([told.length, dispatcher.info().stalled]).toEqual([round - 1, []])
      await clock.advance(30_000)
      const expected = { address: { path: '/held' }, method: 'wait', waiting: 1, awaits: [] }
      expect(told.length).toBe(round)
      expect(told.at(-1)).toMatchObject(expected)
      expect(told.at(-1)!.runs).toBeGreaterThanOrEqual(10_000)
      expect(told.at(-1)!.runs).toBeLessThanOrEqual(15_000)
      expect(dispatcher.info().stalled).toMatchObject([{ ...expected, runs: 39_000 }])
      expect(logged.at(-1)!.text).toMatch(/^\[troupe\] \/held has run wait\(\) for 1\d{4} ms, with 1 waiting$/)
      end()
      await Promise.all([waits, behind])
      expect(dispatcher.info().stalled).toEqual([])
      await clock.advance(10_000)
      expect(clock.timers).toBe(0)
    }
    expect(logged.length).toBe(2)
    await dispatcher.close()
  })

  test('is told with what it waits for', async () => {
    const { clock, told, logged, dispatcher } = hearing(1_000)
    const [one, two] = [await dispatcher.spawn(Slow, { name: 'one' }), await dispatcher.spawn(Slow, { name: 'two' })]
    const calls = [one.waitFor(two), one.add()].map((call) => call.catch(() => {}))
    await clock.advance(2_000)
    expect(told).toMatchObject([{ address: { path: '/one' }, method: 'waitFor', awaits: ['wait() of /two'] }])
    expect(logged.at(-1)!.text).toMatch(/; it waits for wait\(\) of \/two$/)
    await dispatcher.close({ mode: 'kill' })
    await Promise.all(calls)
    expect(clock.timers).toBe(0)
  })

  test('is told with the function of another realm that it waits for', async () => {
    const clock = virtualClock()
    const told: Stalled[] = []
    class Caller extends Actor {
      call(fn: () => unknown): unknown {
        return fn()
      }
    }
    const realms = await linkedPair({ actors: { Caller }, dispatcher: { env: clock, log: () => {} } })
    realms.far.on('stalled', (stall) => told.push(stall))
    const caller = await realms.peer.spawn('Caller')
    const calls = [caller.call(() => new Promise(() => {})), caller.call(() => 1)].map((call) =>
      (call as Promise<unknown>).catch(() => {}),
    )
    await clock.advance(20_000)
    expect(told).toMatchObject([{ method: 'call', awaits: ['a function'] }])
    await realms.close()
    await Promise.all(calls)
  })

  test('is told also where the message that waits is its own, which it awaits', async () => {
    const { clock, told, dispatcher } = hearing()
    class Itself extends Slow {
      async own(): Promise<void> {
        await undefined
        await (this.context.self as Proxy<Slow>).add()
      }
    }
    const call = (await dispatcher.spawn(Itself)).own().catch(() => {})
    await clock.advance(20_000)
    expect(told).toMatchObject([{ method: 'own', waiting: 1 }])
    await dispatcher.close({ mode: 'kill' })
    await call
  })
})

describe('nothing is told of a handler that runs for long', () => {
  test('while no message waits', async () => {
    const { clock, told, dispatcher } = hearing()
    const slow = await dispatcher.spawn(Slow)
    const waits = slow.wait().catch(() => {})
    await clock.advance(60_000)
    expect([told.length, clock.timers]).toEqual([0, 0])
    await dispatcher.close({ mode: 'kill' })
    await waits
  })

  test('where others have their turn beside it', async () => {
    const { clock, told, dispatcher } = hearing()
    class Beside extends Slow {
      static readonly concurrency = Infinity
    }
    const slow = await dispatcher.spawn(Beside)
    const waits = [slow.wait(), slow.wait()]
    await clock.advance(60_000)
    await slow.add()
    expect(told).toEqual([])
    await slow.end()
    await slow.end()
    await Promise.all(waits)
    await dispatcher.close()
  })

  test("where 'stalled' is Infinity", async () => {
    const { clock, told, dispatcher } = hearing(Infinity)
    const slow = await dispatcher.spawn(Slow)
    const calls = [slow.wait(), slow.add()].map((call) => call.catch(() => {}))
    await clock.advance(60_000)
    expect([told.length, clock.timers]).toEqual([0, 0])
    await dispatcher.close({ mode: 'kill' })
    await Promise.all(calls)
  })
})
