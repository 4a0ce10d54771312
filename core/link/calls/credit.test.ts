import { describe, expect, test, vi } from 'vitest'
import { Actor, ask, Dispatcher, info, resume, stop, suspend, tell } from '../../index.js'
import { linkedPair } from '../../testing/index.js'
import { bytes } from '../../wire/bytes.js'

class Log extends Actor {
  readonly #seen: number[] = []
  #last: unknown
  note(n: number, what?: unknown): void {
    this.#seen.push(n)
    this.#last = what
  }
  last(): unknown {
    return this.#last
  }
  seen(): number[] {
    return this.#seen
  }
  async each(take: (what: string) => Promise<number>, what: string): Promise<number> {
    return take(what)
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

/** A server that does not trust its client, over a link of bytes. */
async function served(limits: object) {
  const letters: string[] = []
  const pair = await linkedPair({
    actors: { Log },
    authorize: () => ({ control: true }),
    trusted: false,
    codec: bytes,
    payload: 'bytes',
    dispatcher: { limits, log: () => {} },
  })
  pair.near.on('dead-letter', ({ about }) => letters.push(about))
  const log = await pair.peer.spawn('Log')
  /** Messages that have arrived and wait for the actor. */
  const waiting = async (): Promise<number> => (await info(log)).mailbox
  return { ...pair, log, letters, waiting }
}

describe('one-way messages', () => {
  test('of a burst arrive all and in order, and few of them wait at the receiver', async () => {
    const { log, letters, waiting, close } = await served({ calls: 100 })
    await suspend(log)
    for (let n = 0; n < 100_000; n++) tell(log).note(n)
    expect(await waiting()).toBeLessThanOrEqual(100)
    await resume(log)
    expect(await log.seen()).toEqual(upTo(100_000))
    expect(letters).toEqual([])
    await close()
  })

  test('take no more bytes of the receiver than its window', async () => {
    const { log, waiting, close } = await served({ window: 1024 * 1024 })
    await suspend(log)
    for (let n = 0; n < 100; n++) tell(log).note(n, 'x'.repeat(100_000))
    expect(await waiting()).toBe(11)
    await resume(log)
    expect(await log.seen()).toEqual(upTo(100))
    await close()
  })

  test('and calls to one actor keep their order while they wait', async () => {
    const { log, close } = await served({ calls: 10 })
    await suspend(log)
    const calls = upTo(200).map((n) => (n % 3 ? tell(log).note(n) : log.note(n)))
    await resume(log)
    await Promise.all(calls)
    expect(await log.seen()).toEqual(upTo(200))
    await close()
  })

  test.each([5, 'text', 'x'.repeat(500), { n: 1 }, [new Date(0)], undefined, null, true])(
    'and calls that wait carry %o as it was at the call, in order',
    async (what) => {
      const { log, close } = await served({ calls: 10 })
      await suspend(log)
      const before = structuredClone(what)
      for (let n = 0; n < 50; n++) tell(log).note(n, n % 2 ? what : n)
      const call = log.last()
      if (typeof what === 'object' && what) Object.assign(what, { n: 2, 0: 'another' })
      await resume(log)
      expect(await call).toEqual(before)
      expect(await log.seen()).toEqual(upTo(50))
      await close()
    },
  )

  test('that wait are dead letters, each one, when the link ends', async () => {
    const { log, near, letters, peer, close } = await served({ calls: 10 })
    await suspend(log)
    for (let n = 0; n < 30; n++) tell(log).note(n, n % 2 ? { n } : n)
    await peer.close()
    expect(letters).toHaveLength(20)
    expect(near.peers).toEqual([])
    await close()
  })
})

describe('calls', () => {
  test('take no more bytes of the receiver than its window, and all are answered', async () => {
    const { log, waiting, close } = await served({ window: 1024 * 1024 })
    await suspend(log)
    const calls = upTo(100).map((n) => log.note(n, 'x'.repeat(100_000)))
    expect(await waiting()).toBe(11)
    await resume(log)
    await Promise.all(calls)
    expect(await log.seen()).toEqual(upTo(100))
    await close()
  })

  test.each([1024 * 1024, 1])(
    'that handlers wait for pass those that wait for room, in a window of %i',
    async (window) => {
      const { log, close } = await served({ window })
      const big = 'x'.repeat(900_000)
      const take = vi.fn(async (what: string) => what.length)
      const calls = upTo(10).map(() => ask(log, { timeout: 5_000 }).each(take, big))
      expect(await Promise.all(calls)).toEqual(Array.from({ length: 10 }, () => 900_000))
      await close()
    },
  )
})

describe('values of many small containers', () => {
  test('are refused where they are sent, if they take too much memory for their size, and the link stays', async () => {
    const { log, close } = await served({})
    const maps = (count: number) => Array.from({ length: count }, () => new Map())
    await expect(log.note(1, maps(30_000))).rejects.toMatchObject({ code: 'too-large', ran: 'no' })
    await log.note(2, maps(5_000))
    await suspend(log)
    await expect(log.note(3, maps(30_000))).rejects.toMatchObject({ code: 'too-large', ran: 'no' })
    await resume(log)
    expect(await log.seen()).toEqual([2])
    await close()
  })

  test('pass in any number of messages', async () => {
    const { log, letters, close } = await served({})
    const dates = Array.from({ length: 300 }, (_, n) => new Date(n))
    for (let n = 0; n < 1_000; n++) tell(log).note(n, dates)
    await suspend(log)
    const calls = upTo(1_000).map((n) => log.note(1_000 + n, dates))
    await resume(log)
    await Promise.all(calls)
    expect(await log.seen()).toEqual(upTo(2_000))
    expect(letters).toEqual([])
    await close()
  })

  test('of messages that wait do not take the memory of the receiver', async () => {
    const { log, close } = await served({ window: 100_000, frame: 100_000 })
    await suspend(log)
    const maps = Array.from({ length: 2_000 }, () => new Map())
    const calls = upTo(100).map((n) => log.note(n, maps))
    const refused = await Promise.race(
      calls.map((call) =>
        call.then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    )
    expect(refused).toMatchObject({ code: 'overloaded', ran: 'no' })
    await resume(log)
    await Promise.allSettled(calls)
    await close()
  })
})

describe('limits that are small, large or out of proportion', () => {
  test('keep the link, where a stop and one-way messages take all there is', async () => {
    const { peer, log, near, close } = await served({ calls: 1 })
    const other = await peer.spawn('Log')
    await suspend(log)
    for (let n = 0; n < 5; n++) tell(log).note(n)
    const stopped = stop(log, { timeout: 200 }).catch(() => {})
    const call = other.note(1)
    await stopped
    await call
    expect(near.peers).toHaveLength(1)
    await close()
  })

  test.each([{ calls: Infinity }, { window: Infinity }, { calls: 1_000_000, window: 1_000_000_000 }])(
    'let any number of one-way messages pass, with %o',
    async (limits) => {
      const { log, close } = await served(limits)
      for (let part = 0; part < 20; part++) {
        for (let n = 0; n < 10_000; n++) tell(log).note(part * 10_000 + n)
        await log.note(-1)
      }
      const seen = await info(log)
      expect(seen.handled).toBe(200_020)
      await close()
    },
    60_000,
  )

  test('let an actor that keeps all others waiting be resumed', async () => {
    const { log, peer, close } = await served({ frame: 8 * 1024 * 1024 })
    await suspend(log)
    tell(log).note(1, new Uint8Array(3.9 * 2 ** 20))
    tell(log).note(2, new Uint8Array(7.9 * 2 ** 20))
    const spawned = peer.spawn('Log')
    await resume(log)
    await spawned
    expect(await log.seen()).toEqual([1, 2])
    await close()
  })

  test('let requests that free others pass calls that wait for each other', async () => {
    const { log, peer, close } = await served({ calls: 4 })
    const relay = await peer.spawn('Log')
    await suspend(log)
    // Each waits for the actor that is suspended, in a handler of the one before.
    const calls = upTo(20).map(() => relay.each(async (what) => (await log.note(1), what.length), 'x').catch(() => -1))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await resume(log)
    await Promise.all(calls)
    await close()
  })

  test.each([
    [{ calls: 0.5 }, "'calls' must be a number of 1 or more, not 0.5"],
    [{ frames: 1 }, "there is no limit 'frames'"],
    [{ frame: '1' }, "'frame' must be a number of 1 or more, not '1'"],
    [{ share: 1.5 }, "'share' must be a number above 0 and up to 1, not 1.5"],
    [{ share: 0 }, "'share' must be a number above 0 and up to 1, not 0"],
    [null, "'limits' must be an object, not null"],
    [5, "'limits' must be an object, not 5"],
  ])('are refused where they make no sense: %o', (limits, text) => {
    expect(() => new Dispatcher({ limits: limits as never })).toThrow(text)
  })
})
