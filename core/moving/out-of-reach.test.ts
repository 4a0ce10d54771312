import { describe, expect, test } from 'vitest'
import {
  Actor,
  ActorError,
  Dispatcher,
  ended,
  info,
  isAlive,
  kill,
  monitor,
  type Peer,
  type Proxy,
  stop,
  tell,
} from '../index.js'
import { single } from '../serving/listening.js'
import { pair } from '../transport/pair.js'
import { movable, move } from './index.js'

class Basket extends Actor {
  static movable = movable('Basket')
  #items: string[] = []
  override snapshot(): string[] {
    return this.#items
  }
  override restore(items: string[]): void {
    this.#items = items
  }
  add(item: string): number {
    return this.#items.push(item)
  }
}
const actors = { Basket }

/** Dispatchers by id, closed after the test. */
function realms<K extends string>(...ids: K[]): Record<K, Dispatcher> & AsyncDisposable {
  const made = Object.fromEntries(ids.map((id) => [id, new Dispatcher({ id, log: () => {} })])) as Record<K, Dispatcher>
  return Object.assign(made, {
    [Symbol.asyncDispose]: async () => void (await Promise.all(ids.map((id) => made[id].close()))),
  })
}

async function link(from: Dispatcher, to: Dispatcher) {
  const ends = pair()
  await to.listen(single(ends[1]), { actors })
  const peer = (await from.connect(ends[0], { actors })) as Peer<typeof actors>
  const cut = (): void => ends.forEach((end) => end.fail(new ActorError('unreachable', 'cut')))
  return { peer, back: to.peers.find(({ id }) => id === from.id)!, cut }
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    ({ code, ran }: ActorError) => [code, ran],
  )

/** Whatever is asked of the actor says that it is not reached, and no more: it may live on. */
async function isOutOfReach(basket: Proxy<Basket>, goals: readonly { readonly id: string }[]): Promise<void> {
  const refusals = [
    basket.add('pear'),
    info(basket),
    stop(basket),
    kill(basket),
    ...goals.map((goal) => move(basket, goal)),
  ]
  for (const refusal of refusals) expect(await codeOf(refusal)).toEqual(['unreachable', 'no'])
  expect(await isAlive(basket)).toBe(false)
  expect(await ended(basket)).toMatchObject({ code: 'unreachable' })
  expect(await monitor(basket).down).toMatchObject({ code: 'unreachable' })
}

describe('an actor that moved away, over a link that ended, is unreachable', () => {
  test('and is not said to come back, or to have ended', async () => {
    await using r = realms('main', 'far')
    const { peer, cut } = await link(r.main, r.far)
    const basket = await r.main.spawn(Basket, { name: 'basket' })
    const { down } = monitor(basket)
    await move(basket, peer)
    cut()
    expect(await down).toMatchObject({ code: 'unreachable' })
    const lost: unknown[] = []
    r.main.on('dead-letter', ({ reason }) => lost.push((reason as ActorError).code))
    tell(basket).add('plum')
    expect(lost).toEqual(['unreachable'])
    await isOutOfReach(basket, [r.main, peer])
    const there = (await r.far.lookup<Basket>('basket'))!
    expect(await there.add('apple')).toBe(1)
    await r.main.close()
    await isOutOfReach(basket, [r.main])
  })

  test('where it was spawned at the peer, and has been here', async () => {
    await using r = realms('main', 'far')
    const { peer, cut } = await link(r.main, r.far)
    const basket = await peer.spawn('Basket')
    await move(basket, r.main)
    await move(basket, peer)
    const early = ended(basket)
    cut()
    expect(await early).toMatchObject({ code: 'unreachable' })
    await isOutOfReach(basket, [r.main])
    await r.main.close()
    await isOutOfReach(basket, [r.main])
  })

  test('where it went on from the peer, whose link with its realm ended', async () => {
    await using r = realms('main', 'far', 'last')
    const { peer } = await link(r.main, r.far)
    const further = await link(r.far, r.last)
    const basket = await r.main.spawn(Basket, { name: 'basket' })
    await move(basket, peer)
    await move((await r.far.lookup<Basket>('basket'))!, further.peer)
    const { down } = monitor(basket)
    further.cut()
    expect(await down).toMatchObject({ code: 'unreachable' })
    await isOutOfReach(basket, [r.main, peer])
    expect(await (await r.last.lookup<Basket>('basket'))!.add('apple')).toBe(1)
  })
})

test('an actor that moved away and ended there is stopped, also once the link has ended', async () => {
  await using r = realms('main', 'far')
  const { peer, cut } = await link(r.main, r.far)
  const basket = await r.main.spawn(Basket, { name: 'basket' })
  await move(basket, peer)
  await stop((await r.far.lookup<Basket>('basket'))!, { reason: 'done' })
  expect(await ended(basket)).toBe('done')
  cut()
  expect(await codeOf(basket.add('pear'))).toEqual(['stopped', 'no'])
  expect(await codeOf(move(basket, r.main))).toEqual(['stopped', 'no'])
  expect(await ended(basket)).toBe('done')
})

test('a proxy whose link ended moves the actor that has come to its realm by another way', async () => {
  await using r = realms('a', 'b', 'c')
  const ab = await link(r.a, r.b)
  const bc = await link(r.b, r.c)
  const ca = await link(r.c, r.a)
  await r.b.spawn(Basket, { name: 'basket' })
  const atA = (await r.a.lookup<Basket>('basket'))!
  const atC = (await r.c.lookup<Basket>('basket'))!
  ab.cut()
  await move(atC, r.c)
  await move(atC, ca.peer)
  bc.cut()
  expect(r.a.info().actors).toHaveLength(1)
  await move(atA, ca.back)
  expect(r.c.info().actors).toHaveLength(1)
  expect(await info(atA)).toMatchObject({ realm: 'c' })
})
