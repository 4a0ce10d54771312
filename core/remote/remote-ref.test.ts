import { expect, test } from 'vitest'
import { Actor, type ActorError, Dispatcher, type Proxy, stop } from '../index.js'
import { single } from '../serving/listening.js'
import { linkedPair } from '../testing/index.js'
import { pair } from '../transport/pair.js'

class Counter extends Actor {
  count = 0
  add(): number {
    return ++this.count
  }
}

test('an actor that is spawned with the id of one that has ended is reached, also by who still holds the proxy of that one', async () => {
  const { peer, close } = await linkedPair({ actors: { Counter } })
  const first = await peer.spawn('Counter', { id: 'x' })
  await first.add()
  await stop(first)
  const second = await peer.spawn('Counter', { id: 'x' })
  expect(await second.add()).toBe(1)
  expect(await first.add()).toBe(2)
  await close()
})

test('an actor without a name of a realm that has ended is not mistaken for another one, when its realm begins anew under its id', async () => {
  class Maker extends Actor {
    make(): Promise<Proxy<Counter>> {
      return this.context.spawn(Counter)
    }
  }
  class Other extends Actor {
    add(): string {
      return 'another one'
    }
  }
  const client = new Dispatcher({ id: 'client', log: () => {} })
  const server = async (others: number) => {
    const dispatcher = new Dispatcher({ id: 'server', log: () => {} })
    for (let n = 0; n < others; n++) await dispatcher.spawn(Other)
    await dispatcher.spawn(Maker, { name: 'maker' })
    const [near, far] = pair()
    await dispatcher.listen(single(far))
    await client.connect(near)
    return Object.assign(dispatcher, { cut: () => far.close() })
  }
  const first = await server(0)
  const counter = await (await client.lookup<Maker>('maker'))!.make()
  expect(await counter.add()).toBe(1)
  first.cut()
  const second = await server(100)
  const outcome: unknown = await counter.add().catch((error: unknown) => error)
  expect(outcome).toMatchObject({ code: 'unreachable', ran: 'no' } satisfies Partial<ActorError>)
  await Promise.all([client, first, second].map((each) => each.close({ mode: 'kill' })))
})
