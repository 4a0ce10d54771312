import { afterEach, describe, expect, test } from 'vitest'
import { Actor, Dispatcher, type LinkOffer, type VersionConflict } from '../index.js'
import { single } from '../serving/listening.js'
import { Network } from '../testing/network/network.js'
import { virtualClock } from '../testing/virtual-clock.js'
import { pair } from '../transport/pair.js'

class Room extends Actor {
  say(text: string): string {
    return text
  }
}
const quiet = { log: () => {} }

let near = new Dispatcher(quiet)
let far = new Dispatcher(quiet)
afterEach(async () => {
  await Promise.all([near.close(), far.close()])
})

/** Connects two new dispatchers. `seen` are the events of both, those of the connecting side first. */
async function meet(ours: LinkOffer, theirs: LinkOffer) {
  near = new Dispatcher({ ...quiet, id: 'near' })
  far = new Dispatcher({ ...quiet, id: 'far' })
  const seen: [VersionConflict[], VersionConflict[]] = [[], []]
  near.on('version', (conflict) => seen[0].push(conflict))
  far.on('version', (conflict) => seen[1].push(conflict))
  const [a, b] = pair()
  await far.listen(single(b), theirs)
  const outcome = await near.connect(a, ours).then(
    () => 'linked',
    ({ code }: { code: string }) => code,
  )
  return { outcome, seen }
}

describe('the version of an application', () => {
  test.each([
    ['is equal', { version: '2' }, { version: '2' }],
    ['is stated by one side only', { version: '2' }, {}],
    ['is stated by the other side only', {}, { version: '2' }],
    [
      'is compatible on both sides',
      { version: '2', compatible: (theirs: string, own: string) => theirs === '1' && own === '2' },
      { version: '1', compatible: () => true },
    ],
  ])('that %s lets the other side in', async (_, ours, theirs) => {
    expect(await meet(ours, theirs)).toEqual({ outcome: 'linked', seen: [[], []] })
  })

  test('that differs is refused, and told on both sides', async () => {
    const { outcome, seen } = await meet({ version: '2' }, { version: '1' })
    expect(outcome).toBe('version')
    expect(seen).toEqual([[{ peer: 'far', theirs: '1', ours: '2' }], [{ peer: 'near', theirs: '2', ours: '1' }]])
  })

  test('that differs is refused where compatible gives anything but true', async () => {
    const compatible = (async () => true) as never
    expect((await meet({ version: '2', compatible }, { version: '1', compatible })).outcome).toBe('version')
  })

  test('that one side takes for compatible is refused by the other', async () => {
    const { outcome, seen } = await meet({ version: '2', compatible: () => true }, { version: '1' })
    expect(outcome).toBe('version')
    expect(seen).toEqual([[], [{ peer: 'near', theirs: '2', ours: '1' }]])
  })

  test.each([[{ version: 2 }], [{ version: '2', compatible: true }]])('must be a text: not %o', async (offer) => {
    await expect(meet(offer as never, {})).resolves.toMatchObject({ outcome: 'malformed' })
  })

  test('is compared anew when a server was started again: the peer is closed, and says why', async () => {
    const env = virtualClock()
    const network = new Network({ env })
    const serve = async (version: string): Promise<Dispatcher> => {
      const server = new Dispatcher({ ...quiet, env })
      await server.listen(network.listener, { actors: { Room }, version })
      return server
    }
    const before = await serve('1')
    near = new Dispatcher({ ...quiet, env })
    const connecting = near.connect(network.connector(), { version: '1' })
    await env.advance(10)
    const peer = await connecting
    network.down()
    far = await serve('2')
    network.up()
    await env.advance(3_000)
    expect(peer.state).toBe('closed')
    expect(await peer.closed).toMatchObject({ code: 'version' })
    await before.close({ mode: 'kill' })
  })
})
