import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Actor, type ActorError, type Proxy, suspend } from '../index.js'
import { linkedPair, type LinkedPair, virtualClock, type VirtualClock } from '../testing/index.js'
import { listener, single } from '../serving/listening.js'
import { pair } from '../transport/pair.js'

let kept: unknown
let isOver = false
class Guest extends Actor {
  async *endless(): AsyncGenerator<number> {
    for (let n = 0; ; n++) yield n
  }
  later(): Promise<AsyncGenerator<number>> {
    return new Promise((resolve) => setTimeout(() => resolve(this.endless()), 20))
  }
  never(): Promise<void> {
    return new Promise(() => {})
  }
  add(a: number, b: number): number {
    return a + b
  }
  override onStop(): void {
    isOver = true
  }
}
class Selfish extends Actor {
  me: unknown
  keep(): void {
    this.me = this.context.self
  }
}
class Host extends Actor {
  keep(what: unknown): void {
    kept = what
  }
  forget(): void {
    kept = undefined
  }
  use(): unknown {
    return (kept as (a: number, b: number) => unknown)(1, 2)
  }
}
const actors = { Guest, Host, Selfish }

let env: VirtualClock
let realms: LinkedPair<typeof actors>
let guest: Proxy<Guest>
beforeEach(async () => {
  isOver = false
  kept = undefined
  env = virtualClock()
  realms = await linkedPair({
    actors,
    trusted: false,
    authorize: () => ({ control: true, names: ['host'] }),
    dispatcher: { env, log: () => {}, limits: { actors: 10 } },
  })
  guest = await realms.peer.spawn('Guest')
})
afterEach(() => realms.close({ mode: 'kill' }))

const living = (): number => realms.far.info().actors.length
const ended = async (): Promise<void> => {
  await realms.peer.close()
  for (let n = 0; n < 10; n++) await env.advance(10)
}

describe('what a peer that is not trusted spawned ends with its link', () => {
  test('also suspended', async () => {
    await suspend(guest)
    void guest.add(1, 2).catch(() => {})
    await ended()
    expect(living()).toBe(0)
    expect(isOver).toBe(true)
  })

  test('also with a stream that nobody got', async () => {
    void guest.later().catch(() => {})
    await env.advance(1)
    await ended()
    await vi.waitFor(async () => {
      await env.advance(1)
      expect(living()).toBe(0)
    })
  })

  test('also with a handler that never ends, after 30 s', async () => {
    void guest.never().catch(() => {})
    await env.advance(1)
    await ended()
    await env.advance(31_000)
    expect(living()).toBe(0)
  })

  test('also if the peer handed one of its methods to nobody', async () => {
    const host = await realms.peer.spawn('Host')
    await host.keep(guest.add)
    await host.forget()
    await ended()
    await vi.waitFor(() => {
      ;(globalThis as { gc?: () => void }).gc?.()
      expect(living()).toBe(0)
    }, 5_000)
  })

  test('but not while an actor holds a proxy of it, or a method', async () => {
    const host = await realms.far.spawn(Host, { name: 'host' })
    await (await realms.peer.lookup<Host>('host'))!.keep(guest.add)
    await ended()
    expect(living()).toBe(2)
    expect(await host.use()).toBe(3)
  })
})

test('a user has no more actors by many links than by one', async () => {
  const pairs = [pair({ trusted: false }), pair({ trusted: false })]
  const both = listener(async (take) => {
    for (const [, end] of pairs) take(end)
    return { close: async () => {} }
  })
  await realms.far.listen(both, { actors, authorize: () => ({ user: 'eve' }) })
  const [one, other] = await Promise.all(pairs.map(([end]) => realms.near.connect<typeof actors>(end)))
  const spawns = Array.from({ length: 10 }, () => [one!.spawn('Guest'), other!.spawn('Guest')]).flat()
  const all = await Promise.allSettled(spawns)
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  const refused = all.find((each) => each.status === 'rejected')
  expect(refused!.reason as ActorError).toMatchObject({
    code: 'quota',
    message: expect.stringContaining('the user has'),
  })
})

test('of actors that hold themselves no more stay than one peer may have', async () => {
  for (let link = 0; link < 5; link++) {
    const [a, b] = pair({ trusted: false })
    await realms.far.listen(single(b), { actors })
    const peer = await realms.near.connect<typeof actors>(a)
    for (let n = 0; n < 6; n++) await (await peer.spawn('Selfish')).keep()
    await peer.close()
    await env.advance(10)
  }
  // Of each listener.
  expect(living()).toBeLessThanOrEqual(1 + 5 * 10)
  const ends = Array.from({ length: 5 }, () => pair({ trusted: false }))
  const all = listener(async (take) => {
    for (const [, end] of ends) take(end)
    return { close: async () => {} }
  })
  const before = living()
  await realms.far.listen(all, { actors })
  for (const [near] of ends) {
    const peer = await realms.near.connect<typeof actors>(near)
    for (let n = 0; n < 6; n++) await (await peer.spawn('Selfish')).keep()
    await peer.close()
    await env.advance(10)
  }
  expect(living() - before).toBe(10)
})
