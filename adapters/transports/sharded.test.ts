import { expect, test } from 'vitest'
import { Actor, Dispatcher } from '../../core/index.js'
import { sharded } from '../../core/sharded/index.js'
import { broadcastChannel } from './broadcast-channel.js'

class Counter extends Actor {
  #count = 0
  increment(): [count: number, realm: string] {
    return [++this.#count, this.context.dispatcher.id]
  }
}

const keys = Array.from({ length: 12 }, (_, n) => `counter ${n}`)

test('one who has just joined a bus finds sharded actors where they run', async () => {
  await using first = new Dispatcher()
  await using second = new Dispatcher()
  const bus = `sharded ${crypto.randomUUID()}`
  await first.join(broadcastChannel(bus))
  const early = sharded(first, Counter, { name: 'Counter' })
  for (const key of keys) await early.get(key).increment()
  await second.join(broadcastChannel(bus))
  const late = sharded(second, Counter, { name: 'Counter' })
  for (const key of keys) {
    const owner = await late.owner(key)
    // Those that go to another realm begin anew there: nothing stores what they counted.
    expect(await late.get(key).increment()).toEqual(owner === first.id ? [2, first.id] : [1, second.id])
    expect(await early.owner(key)).toBe(owner)
  }
})
