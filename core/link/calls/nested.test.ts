import { describe, expect, test } from 'vitest'
import { Actor, type ActorError, type Proxy } from '../../index.js'
import { linkedPair } from '../../testing/index.js'

class Relay extends Actor {
  async call(back: () => unknown): Promise<unknown> {
    return back()
  }
  add(): string {
    return 'end'
  }
}
class Reentrant extends Relay {
  static reentrant = true
}

const pairOf = (calls: number) =>
  linkedPair({ actors: { Relay, Reentrant }, dispatcher: { limits: { calls, trusted: { calls } } } })

/** Each actor calls back while it handles the call of the one before it. */
const chain = ([first, ...rest]: readonly Proxy<Relay>[]): Promise<unknown> =>
  first ? first.call(() => chain(rest)) : Promise.resolve('end')

/** How each ended: what it brought, or the code of the error behind it. */
const outcomeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.catch((error: ActorError) => {
    let last = error
    while (last.cause) last = last.cause as ActorError
    return last.code
  })

describe('calls that wait for each other over one link', () => {
  test.each([
    { calls: 1, many: 1, deep: 3 },
    { calls: 8, many: 16, deep: 3 },
    { calls: 64, many: 200, deep: 6 },
    { calls: 1_024, many: 1_100, deep: 4 },
  ])('end, with $many chains $deep deep where $calls calls are allowed', async ({ calls, many, deep }) => {
    const { peer, close } = await pairOf(calls)
    const relays = () => Promise.all(Array.from({ length: deep }, () => peer.spawn('Relay')))
    const chains = await Promise.all(Array.from({ length: many }, relays))
    expect(new Set(await Promise.all(chains.map(chain)))).toEqual(new Set(['end']))
    await close()
  })

  test('are refused where the limit has no room for so deep a chain', async () => {
    const { peer, close } = await pairOf(1)
    const relays = await Promise.all(Array.from({ length: 4 }, () => peer.spawn('Relay')))
    expect(await outcomeOf(chain(relays))).toBe('overloaded')
    expect(await outcomeOf(chain(relays.slice(1)))).toBe('end')
    await close()
  })

  test('are refused where too many earlier ones for the same actor wait for such calls too', async () => {
    const { peer, close } = await pairOf(8)
    const actor = await peer.spawn('Reentrant')
    const outcomes = Array.from({ length: 100 }, () => outcomeOf(chain([actor, actor])))
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['end', 'overloaded']))
    expect(await actor.add()).toBe('end')
    await close()
  })

  test('take their place in the order of the messages for one actor', async () => {
    const { peer, close } = await pairOf(8)
    const [relay, busy] = [await peer.spawn('Relay'), await peer.spawn('Relay')]
    const ended: number[] = []
    const note = (n: number) => () => void ended.push(n)
    const inner = relay.call(() => busy.add().then(note(100)))
    for (let n = 0; n < 100; n++) void busy.add().then(note(n))
    await inner
    expect(ended).toEqual(Array.from({ length: 101 }, (_, n) => n))
    await close()
  })
})
