import { expect, test } from 'vitest'
import { Actor, Dispatcher, type Peer, type Proxy, tell } from '../index.js'
import { single } from '../serving/listening.js'
import { type VirtualClock, virtualClock } from '../testing/index.js'
import { pair, type PairEnd } from '../transport/pair.js'
import { movable, move } from './index.js'

/** Milliseconds that frames of a slow link are under way. */
const SLOW = 100

class Recorder extends Actor {
  static movable = movable('Recorder')
  #log: unknown[] = []
  override snapshot(): unknown[] {
    return this.#log
  }
  override restore(log: unknown[]): void {
    this.#log = log
  }
  record(item: unknown): void {
    this.#log.push(item)
  }
  log(): unknown[] {
    return this.#log
  }
}
const actors = { Recorder }

async function link(clock: VirtualClock, from: Dispatcher, to: Dispatcher, delay = 0) {
  const ends = pair()
  if (delay > 0) for (const end of ends) slowDown(clock, end, delay)
  await to.listen(single(ends[1]), { actors })
  const connecting = from.connect(ends[0], { actors })
  await clock.advance(4 * delay)
  const peer = await connecting
  return { peer, back: to.peers.find(({ id }) => id === from.id)! }
}

function slowDown(clock: VirtualClock, end: PairEnd, delay: number): void {
  const send = end.send.bind(end)
  end.send = (data, transfer) => void clock.setTimer(() => send(data, transfer), delay)
}

/** Resolves with the outcome, once time has gone by. */
async function during<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  await clock.advance(20 * SLOW)
  return work
}

test('an actor that comes home by a short way takes first what goes round by a long one', async () => {
  const clock = virtualClock()
  const [a, b, c] = ['a', 'b', 'c'].map((id) => new Dispatcher({ id, env: clock, log: () => {} }))
  const ab = await link(clock, a!, b!)
  const bc = await link(clock, b!, c!, SLOW)
  const ca = await link(clock, c!, a!)
  const recorder = await a!.spawn(Recorder, { name: 'recorder' })
  await during(clock, move(recorder, ab.peer as Peer))
  const atB = (await during(clock, b!.lookup<Recorder>('recorder')))!
  await during(clock, move(atB, bc.peer as Peer))
  const atC = (await during(clock, c!.lookup<Recorder>('recorder')))!

  // Over b to c, and then back: it is longer under way than the actor.
  tell(recorder).record(1)
  await clock.advance(1)
  const moving = move(atC, ca.peer as Peer)
  await clock.advance(1)
  await moving
  tell(recorder).record(2)
  tell(atC as Proxy<Recorder>).record('c')
  await clock.advance(SLOW / 2)
  // It is here, and waits for what was sent before.
  const log = recorder.log()
  expect(await during(clock, log)).toEqual(['c', 1, 2])
  expect(a!.info().actors).toHaveLength(1)
  const closing = Promise.all([a, b, c].map((realm) => realm!.close()))
  await clock.advance(20 * SLOW)
  await closing
  expect(clock.timers).toBe(0)
})
