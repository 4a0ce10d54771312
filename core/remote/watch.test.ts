import { expect, test } from 'vitest'
import { Actor, ActorError, Dispatcher, monitor, stop } from '../index.js'
import { single } from '../serving/listening.js'
import { pair } from '../transport/pair.js'

class Idle extends Actor {}

async function link(from: Dispatcher, to: Dispatcher) {
  const ends = pair()
  await to.listen(single(ends[1]), { actors: { Idle } })
  await from.connect(ends[0])
  const cut = (end: 0 | 1): void => ends[end].fail(new ActorError('unreachable', 'cut'))
  return { cut }
}

test('a monitor of an actor that ended while its link was down is told, though another way leads to its realm', async () => {
  const realms = ['a', 'b', 'c'].map((id) => new Dispatcher({ id, log: () => {} }))
  const [a, b, c] = realms as [Dispatcher, Dispatcher, Dispatcher]
  const direct = await link(a, b)
  await link(a, c)
  await link(c, b)
  const idle = await b.spawn(Idle, { name: 'idle' })
  const { down } = monitor((await a.lookup('idle'))!)
  direct.cut(1)
  await stop(idle)
  direct.cut(0)
  expect(await down).toMatchObject({ code: 'unreachable' })
  await Promise.all(realms.map((realm) => realm.close()))
})
