import { describe, expect, test } from 'vitest'
import { Actor, Dispatcher, info, isAlive, type LinkOffer, type Peer, type Proxy } from '../index.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import { requireRef } from '../proxy/proxy.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import { single } from '../serving/listening.js'
import { canCollect, collectUntil } from '../testing/collect.js'
import { pair } from '../transport/pair.js'
import { movable, move } from './index.js'

class Counter extends Actor {
  static movable = movable('Counter')
  #count = 0
  override snapshot(): number {
    return this.#count
  }
  override restore(count: number): void {
    this.#count = count
  }
  increment(): number {
    return ++this.#count
  }
}
const actors = { Counter }

async function two(trusted: boolean) {
  const [a, b] = ['a', 'b'].map((id) => new Dispatcher({ id, log: () => {} })) as [Dispatcher, Dispatcher]
  const ends = pair({ trusted })
  await b.listen(single(ends[1]), { actors })
  const peer = (await a.connect(ends[0], { actors })) as Peer<typeof actors>
  const close = (): Promise<unknown> => Promise.all([a.close(), b.close()])
  return { a, b, peer, [Symbol.asyncDispose]: async () => void (await close()) }
}

describe.skipIf(!canCollect()).each([true, false])('what moves leave behind is collected (trusted: %s)', (trusted) => {
  test('however often an actor went and came back', async () => {
    await using r = await two(trusted)
    const counter = await r.a.spawn(Counter, { name: 'counter' })
    const rounds = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        await move(counter, r.peer)
        await counter.increment()
        await move(counter, r.a)
        await counter.increment()
      }
    }
    await rounds(50)
    const held = (): number =>
      [r.a, r.b]
        .flatMap((realm) => realm.info().peers)
        .reduce((sum, { imports, exports }) => sum + imports + exports, 0)
    await collectUntil(() => held() <= 6)
    expect(await counter.increment()).toBe(101)
    expect(await info(counter)).toMatchObject({ realm: 'a' })
  })

  test('an actor without a name that was spawned over a link ends with its last proxy, wherever it went', async () => {
    await using r = await two(trusted)
    const stopped: string[] = []
    for (const realm of [r.a, r.b]) realm.on('stopped', (_, reason) => stopped.push(`${realm.id}: ${String(reason)}`))
    const use = async (): Promise<void> => {
      const counter = await r.peer.spawn('Counter')
      await move(counter, r.a)
      await counter.increment()
      await move(counter, r.peer)
      await counter.increment()
      await move(counter, r.a)
      expect(await counter.increment()).toBe(3)
    }
    await use()
    expect(r.a.info().actors).toHaveLength(1)
    await collectUntil(() => r.a.info().actors.length === 0)
    await collectUntil(() => stopped.some((each) => each.startsWith('b: ') && each.includes('released')))
  })

  test('it goes on as long as there is one, though the link is gone that it came by', async () => {
    await using r = await two(trusted)
    const counter = await r.peer.spawn('Counter')
    await move(counter, r.a)
    await r.peer.close()
    let turns = 0
    await collectUntil(() => ++turns > 5)
    expect(await isAlive(counter)).toBe(true)
    expect(await (counter as Proxy<Counter>).increment()).toBe(1)
  })
})

test('what is given back of an actor that moved on is what was handed out', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => new Dispatcher({ id, log: () => {} })) as [
    Dispatcher,
    Dispatcher,
    Dispatcher,
  ]
  const [near, far] = pair({ trusted: true })
  // As of a realm that was started for it, which tells that one of an actor that moves on.
  await b.listen(single(far), { actors, ends: () => {} } as LinkOffer)
  const peer = (await a.connect(near, { actors })) as Peer<typeof actors>
  const [one, other] = pair({ trusted: true })
  await c.listen(single(other), { actors })
  const goal = await b.connect(one, { actors })

  const counter = await peer.spawn('Counter')
  const ref = requireRef(counter) as RemoteRef
  const { index } = ref.leases[0]!
  await move(counter, goal)
  const { exports } = (b.peers[0] as RemotePeer).link.references
  const leases = [...ref.leases, ...(ref.actual as RemoteRef).leases].filter((lease) => lease.index === index)
  expect(leases.reduce((sum, { count }) => sum + count, 0)).toBe(exports.at(index)!.count)
  expect(await counter.increment()).toBe(1)
  await Promise.all([a, b, c].map((realm) => realm.close()))
})
