import { expect, test } from 'vitest'
import { Actor, stop } from '../index.js'
import { linkedPair } from '../testing/index.js'

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
