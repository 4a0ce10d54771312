import { describe, expect, test } from 'vitest'
import { Actor, ask, info, isAlive, kill, type Proxy, resume, stop, suspend, tell } from '../../index.js'
import { linkedPair, type VirtualClock, virtualClock } from '../../testing/index.js'

/** Calls that the peer admits. */
const FEW = 4

class Worker extends Actor {
  readonly #log: unknown[] = []
  add(item: unknown): number {
    return this.#log.push(item)
  }
  log(): unknown[] {
    return this.#log
  }
  /** Waits for a call of another actor. */
  async through(others: readonly Proxy<Worker>[], item: unknown): Promise<unknown> {
    const [next, ...rest] = others
    return rest.length > 0 ? this.context.ask(next!).through(rest, item) : this.context.ask(next!).add(item)
  }
  call(fn: () => unknown): unknown {
    return fn()
  }
}

class Many extends Worker {
  static concurrency = Infinity
}

const actors = { Worker, Many }
const limits = { calls: FEW, trusted: { calls: FEW } }

async function linked(options: { readonly trusted?: boolean } = {}) {
  const clock = virtualClock()
  const pair = await linkedPair({
    actors,
    authorize: () => ({ control: true }),
    dispatcher: { env: clock, limits, log: () => {} },
    ...options,
  })
  const worker = await pair.peer.spawn('Worker')
  const close = (): Promise<void> => pair.close({ mode: 'kill' })
  return { ...pair, clock, worker, [Symbol.asyncDispose]: close }
}

/** What became of it, within a second of the clock. */
async function within<T>(clock: VirtualClock, promise: Promise<T>): Promise<unknown> {
  const outcome = promise.catch((error: unknown) => error)
  return Promise.race([outcome, clock.advance(1_000).then(() => 'hangs')])
}

/** Fills the window with calls that nobody handles, and lets as many wait behind it. */
async function fill(worker: Proxy<Worker>): Promise<Promise<unknown>[]> {
  await suspend(worker)
  return Array.from({ length: 2 * FEW }, (_, n) => worker.add(n).catch((error: unknown) => error))
}

describe.each([{ trusted: true }, { trusted: false }])('where the window of calls is full, %o', (options) => {
  test('resume, info and ping leave at once', async () => {
    await using r = await linked(options)
    const calls = await fill(r.worker)
    expect(await within(r.clock, isAlive(r.worker))).toBe(true)
    expect(await within(r.clock, info(r.worker))).toMatchObject({ state: 'suspended' })
    await within(r.clock, resume(r.worker))
    expect(await within(r.clock, Promise.all(calls))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('kill leaves at once', async () => {
    await using r = await linked(options)
    const calls = await fill(r.worker)
    await within(r.clock, kill(r.worker))
    const stopped = expect.objectContaining({ code: 'stopped', ran: 'no' }) as unknown
    expect(await within(r.clock, Promise.all(calls))).toEqual(calls.map(() => stopped))
  })

  test('another actor is spawned, found, and called once there is room', async () => {
    await using r = await linked(options)
    const calls = await fill(r.worker)
    const other = (await within(r.clock, r.peer.spawn('Worker'))) as Proxy<Worker>
    const added = other.add('later')
    await resume(r.worker)
    expect(await within(r.clock, added)).toBe(1)
    await Promise.all(calls)
  })

  test('stop comes behind the calls that were made before it', async () => {
    await using r = await linked(options)
    const slow = await r.peer.spawn('Worker')
    const calls = Array.from({ length: 3 * FEW }, (_, n) => slow.add(n))
    const stopping = stop(slow)
    expect(await within(r.clock, Promise.all(calls))).toHaveLength(3 * FEW)
    await stopping
  })

  test('a call that a handler waits for leaves at once', async () => {
    await using r = await linked(options)
    const there = await r.peer.spawn('Many')
    const end = await r.peer.spawn('Worker')
    const here = await r.near.spawn(Many)
    // From there to here, and there again, from each of the calls that fill the window.
    const calls = Array.from({ length: 3 * FEW }, (_, n) => there.through([here, end], n))
    expect(await within(r.clock, Promise.all(calls))).toHaveLength(3 * FEW)
  })

  test('a call that a callback makes leaves, also where it is not known what it is for', async () => {
    await using r = await linked(options)
    const there = await r.peer.spawn('Many')
    const end = await r.peer.spawn('Worker')
    const later = async (n: number): Promise<unknown> => {
      await Promise.resolve()
      return end.add(n)
    }
    const calls = Array.from({ length: FEW }, (_, n) => there.call(() => later(n)))
    expect(await within(r.clock, Promise.all(calls))).toHaveLength(FEW)
  })

  test('calls that pass others keep the order of what is sent to one actor', async () => {
    await using r = await linked(options)
    const there = await r.peer.spawn('Many')
    const here = await r.near.spawn(Many)
    const calls: Promise<unknown>[] = []
    for (let n = 0; n < 4 * FEW; n++) {
      calls.push(there.through([here, r.worker], `nested ${n}`))
      calls.push(r.worker.add(n))
      tell(r.worker).add(`told ${n}`)
    }
    await within(r.clock, Promise.all(calls))
    const log = (await ask(r.worker).log()) as unknown[]
    expect(log.filter((item) => typeof item === 'number' || String(item).startsWith('told'))).toEqual(
      Array.from({ length: 4 * FEW }, (_, n) => [n, `told ${n}`]).flat(),
    )
    expect(log).toHaveLength(12 * FEW)
  })
})
