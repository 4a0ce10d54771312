import { expect, test, vi } from 'vitest'
import { Actor, Dispatcher } from '../index.js'
import { virtualClock } from '../testing/index.js'
import { pair } from '../transport/pair.js'
import type { Transport } from '../transport/transport.js'
import { listener, single } from './listening.js'

/** A listener whose `authorize` waits for `decide`, and a client that it has not yet decided about. */
async function undecided() {
  const env = virtualClock()
  const log = vi.fn()
  const host = new Dispatcher({ env, log })
  const client = new Dispatcher({ env, log: () => {} })
  const [near, far] = pair({ trusted: false })
  // So that an open link has a timer.
  Object.assign(far, { traits: { ...far.traits, heartbeat: true } })
  let decide!: (verdict: boolean) => void
  const authorize = (): Promise<boolean> => new Promise((resolve) => (decide = resolve))
  const listened = await host.listen(single(far), { authorize })
  const connecting = client.connect(near).catch((error: unknown) => error)
  await env.advance(0)
  return { env, log, host, client, listened, connecting, decide, near }
}

test('a peer that authorize lets in after close stays out, with the reason of the close', async () => {
  const { env, log, host, client, listened, connecting, decide } = await undecided()
  await listened.close()
  decide(true)
  await env.advance(0)
  expect(await connecting).toMatchObject({ code: 'stopped' })
  expect([host.peers, client.peers, listened.peers]).toEqual([[], [], []])
  expect(log).not.toHaveBeenCalled()
  expect(env.timers).toBe(0)
  await Promise.all([host.close(), client.close()])
})

test('a peer that left before authorize lets it in leaves nothing behind', async () => {
  const { env, host, client, connecting, decide, near } = await undecided()
  const events: string[] = []
  host.on('peer-up', () => events.push('up'))
  near.close()
  await connecting
  decide(true)
  await env.advance(60_000)
  expect(host.peers).toEqual([])
  expect(events).toEqual([])
  expect(env.timers).toBe(0)
  await Promise.all([host.close(), client.close()])
})

test('a peer that comes after close is refused with the reason of the close', async () => {
  await using host = new Dispatcher()
  await using client = new Dispatcher()
  let accept!: (transport: Transport) => void
  const late = listener(async (take) => {
    accept = take
    return { close: async () => {} }
  })
  const listened = await host.listen(late)
  await listened.close()
  const [near, far] = pair()
  accept(far)
  await expect(client.connect(near)).rejects.toMatchObject({ code: 'stopped' })
  expect(host.peers).toEqual([])
})

test('an object under a name that another actor has is refused, and the same object is offered as often as wanted', async () => {
  class Lobby extends Actor {}
  await using host = new Dispatcher()
  const lobby = new Lobby()
  const offer = (one: Lobby): Promise<unknown> => host.listen(single(pair()[1]), { actors: { one } })
  await offer(lobby)
  await offer(lobby)
  await expect(offer(new Lobby())).rejects.toMatchObject({ code: 'name-taken', ran: 'no' })
  expect(host.info().actors).toHaveLength(1)
})
