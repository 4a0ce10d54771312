import { describe, expect, test } from 'vitest'
import { Actor, ActorError, Dispatcher, type Proxy, tell } from '../index.js'
import type { RealmOptions } from '../realm/realm.js'
import { single } from '../serving/listening.js'
import { type VirtualClock, virtualClock } from '../testing/index.js'
import { pair, type PairEnd } from '../transport/pair.js'

/** Milliseconds that frames of a slow link are under way. */
const SLOW = 100

class Recorder extends Actor {
  readonly #log: unknown[] = []
  record(item: unknown): void {
    this.#log.push(item)
  }
  log(): unknown[] {
    return this.#log
  }
}

const actors = { Recorder }

/** `from` connects to `to`; frames take `delay` milliseconds. */
async function link(clock: VirtualClock, from: Dispatcher, to: Dispatcher, delay = 0) {
  const ends = pair()
  if (delay > 0) for (const end of ends) slowDown(clock, end, delay)
  await to.listen(single(ends[1]), { actors })
  const connecting = from.connect(ends[0], { actors })
  await clock.advance(4 * delay)
  await connecting
  return { cut: () => ends.forEach((end) => end.fail(new ActorError('unreachable', 'cut'))) }
}

function slowDown(clock: VirtualClock, end: PairEnd, delay: number): void {
  const send = end.send.bind(end)
  end.send = (data, transfer) => void clock.setTimer(() => send(data, transfer), delay)
}

/** `a` reaches an actor of `c` over `b`, by a fast link and a slow one. */
async function three(limits: RealmOptions['limits'] = {}) {
  const clock = virtualClock()
  const realms = ['a', 'b', 'c'].map((id) => new Dispatcher({ id, env: clock, limits, log: () => {} }))
  const [a, b, c] = realms as [Dispatcher, Dispatcher, Dispatcher]
  const near = await link(clock, a, b)
  const far = await link(clock, b, c, SLOW)
  await c.spawn(Recorder, { name: 'recorder' })
  await clock.advance(SLOW)
  const looking = a.lookup<Recorder>('recorder')
  await clock.advance(2 * SLOW)
  const recorder = (await looking)!
  const log = async (proxy: Proxy<Recorder> = recorder): Promise<unknown> => {
    const answer = Promise.race([proxy.log(), clock.advance(60_000).then(() => 'hangs')])
    return answer
  }
  const close = async (): Promise<void> => {
    const closing = Promise.all(realms.map((realm) => realm.close({ mode: 'kill' })))
    await clock.advance(10 * SLOW)
    await closing
  }
  return { clock, a, b, c, near, far, recorder, log, [Symbol.asyncDispose]: close }
}

describe('a reference whose route changes', () => {
  test('keeps the order when the way to the actor gets shorter', async () => {
    await using r = await three()
    tell(r.recorder).record(1)
    await link(r.clock, r.a, r.c)
    tell(r.recorder).record(2)
    expect(await r.log()).toEqual([1, 2])
  })

  test('changes while the calls that it holds back fill the window of the new link', async () => {
    await using r = await three({ trusted: { calls: 2 } })
    const before = r.recorder.record(0)
    await link(r.clock, r.a, r.c)
    const calls = [1, 2, 3, 4, 5].map((n) => r.recorder.record(n))
    await r.clock.advance(10 * SLOW)
    expect(await r.log()).toEqual([0, 1, 2, 3, 4, 5])
    await Promise.all([before, ...calls])
  })

  test('changes in time though the old way leads back here by now', async () => {
    await using r = await three()
    tell(r.recorder).record(1)
    await r.clock.advance(10 * SLOW)
    r.far.cut()
    // The realm between finds the actor by way of this one.
    await link(r.clock, r.a, r.c)
    tell(r.recorder).record(2)
    await r.clock.advance(70_000)
    expect(await r.log()).toEqual([1, 2])
  })

  test('leaves the new way open to others when its old way ends before it has changed', async () => {
    await using r = await three()
    const direct = await link(r.clock, r.a, r.c, SLOW)
    // The question for a place is on its way.
    r.near.cut()
    await r.clock.advance(0)
    tell(r.recorder).record(1)
    expect(await r.log()).toEqual([1])
    const again = await r.a.lookup<Recorder>('recorder')
    expect(await r.log(again)).toEqual([1])
    direct.cut()
  })

  test('keeps the order when its old way breaks, and the realm between still passes messages on', async () => {
    await using r = await three()
    for (let n = 1; n <= 3; n++) tell(r.recorder).record(n)
    await r.clock.advance(0)
    await link(r.clock, r.a, r.c)
    tell(r.recorder).record(4)
    r.near.cut()
    tell(r.recorder).record(5)
    await r.clock.advance(0)
    tell(r.recorder).record(6)
    expect(await r.log()).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('keeps the order when its old way breaks one realm further on', async () => {
    await using r = await three()
    const d = new Dispatcher({ id: 'd', env: r.clock, log: () => {} })
    const beyond = await link(r.clock, r.c, d, SLOW)
    await d.spawn(Recorder, { name: 'beyond' })
    await r.clock.advance(3 * SLOW)
    const looking = r.a.lookup<Recorder>('beyond')
    await r.clock.advance(6 * SLOW)
    const recorder = (await looking)!
    for (let n = 1; n <= 3; n++) tell(recorder).record(n)
    await r.clock.advance(0)
    await link(r.clock, r.a, d)
    tell(recorder).record(4)
    r.near.cut()
    await r.clock.advance(0)
    tell(recorder).record(5)
    expect(await r.log(recorder)).toEqual([1, 2, 3, 4, 5])
    beyond.cut()
    await d.close()
  })
})
