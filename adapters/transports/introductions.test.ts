import { describe, expect, test } from 'vitest'
import { single } from '../../core/adapter.js'
import { Actor, type ActorError, Dispatcher, type Proxy, tell } from '../../core/index.js'
import { PortTransport } from '../base/port.js'
import { host, messagePort } from './message-port.js'

class Recorder extends Actor {
  readonly #log: unknown[] = []
  record(item: unknown): void {
    this.#log.push(item)
  }
  log(): unknown[] {
    return this.#log
  }
  echo<T>(value: T): Promise<T> {
    return Promise.resolve(value)
  }
}

/** Holds proxies, and calls on them from its own realm. */
class Caller extends Actor {
  #other: Proxy<Recorder> | undefined
  async keep(other: Proxy<Recorder>): Promise<void> {
    this.#other = other
  }
  neighbours(): string[] {
    return this.context.dispatcher.peers.map(({ id }) => id).sort()
  }
  async echo(value: unknown): Promise<unknown> {
    return this.#other!.echo(value)
  }
}

const actors = { Recorder, Caller }
const realm = (id: string): Dispatcher => new Dispatcher({ id, log: () => {} })

/** `from` connects to `to` over a real port. */
async function link(from: Dispatcher, to: Dispatcher) {
  const { port1, port2 } = new MessageChannel()
  host(actors, { port: port2, dispatcher: to })
  return from.connect<typeof actors>(messagePort(port1))
}

/** `a` and `b` know only `middle`; `a` gets an actor of `b`. */
async function three() {
  const [a, middle, b] = ['a', 'middle', 'b'].map(realm) as [Dispatcher, Dispatcher, Dispatcher]
  const toA = await link(middle, a)
  const toB = await link(middle, b)
  const caller = await toA.spawn('Caller')
  const recorder = await toB.spawn('Recorder', { name: 'recorder' })
  const close = async (): Promise<void> => void (await Promise.all([a, middle, b].map((one) => one.close())))
  return { a, middle, b, caller, recorder, [Symbol.asyncDispose]: close }
}

/** Resolves once a realm is linked with another, and its references go by that link. */
async function settled(dispatcher: Dispatcher, id: string): Promise<void> {
  await expect.poll(() => dispatcher.peers.map((peer) => peer.id)).toContain(id)
  await expect.poll(() => dispatcher.info().peers.every(({ pending }) => pending === 0)).toBe(true)
}

describe('an introduction', () => {
  test('links the two that the realm between passed a proxy on to', async () => {
    await using r = await three()
    expect(await r.caller.neighbours()).toEqual(['middle'])
    await r.caller.keep(r.recorder)
    await expect.poll(() => r.caller.neighbours()).toEqual(['b', 'middle'])
    expect(await r.caller.echo('hello')).toBe('hello')
    expect(r.b.peers.map(({ id }) => id).sort()).toEqual(['a', 'middle'])
  })

  test('outlives the realm between: the proxy still works', async () => {
    await using r = await three()
    const other = (await r.a.lookup<Recorder>('recorder'))!
    await settled(r.a, 'b')
    await r.middle.close()
    expect(await other.echo('after')).toBe('after')
    expect(r.a.peers.map(({ id }) => id)).toEqual(['b'])
    await r.b.close()
    await expect.poll(() => r.a.peers).toEqual([])
    const error = (await other.echo('gone').catch((reason: unknown) => reason)) as ActorError
    expect(error).toMatchObject({ code: 'unreachable', ran: 'no' })
  })

  test('keeps the order, and loses and doubles nothing at the switch', async () => {
    for (let round = 0; round < 20; round++) {
      await using r = await three()
      const other = (await r.a.lookup<Recorder>('recorder'))!
      const sent: number[] = []
      const answers: Promise<unknown>[] = []
      // One turn after the other, until well after the two are linked.
      for (let turns = 0; turns < 20;) {
        for (let n = 0; n < 1 + (round % 5); n++) {
          const item = sent.push(sent.length) - 1
          if (item % 3 === 0) answers.push(other.record(item))
          else tell(other).record(item)
        }
        if (r.a.peers.length === 2) turns++
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
      await Promise.all(answers)
      expect(await other.log()).toEqual(sent)
    }
  })

  test('goes on over realms that were no neighbours', async () => {
    const [w1, t1, shared, t2, w2] = ['w1', 't1', 'shared', 't2', 'w2'].map(realm) as [
      Dispatcher,
      Dispatcher,
      Dispatcher,
      Dispatcher,
      Dispatcher,
    ]
    await link(t1, shared)
    await link(t2, shared)
    await link(t1, w1)
    await link(t2, w2)
    await w2.spawn(Recorder, { name: 'recorder' })
    await expect.poll(() => w1.lookup('recorder')).toBeDefined()
    const recorder = (await w1.lookup<Recorder>('recorder'))!
    const sent: number[] = []
    while (!w1.peers.some(({ id }) => id === 'w2')) {
      tell(recorder).record(sent.push(sent.length) - 1)
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    for (let n = 0; n < 100; n++) tell(recorder).record(sent.push(sent.length) - 1)
    expect(await recorder.log()).toEqual(sent)
    await settled(w1, 'w2')
    await Promise.all([t1, shared, t2].map((one) => one.close()))
    expect(await recorder.echo('direct')).toBe('direct')
    await Promise.all([w1, w2].map((one) => one.close()))
  })

  test('is not made where one of the two is not trusted', async () => {
    await using r = await three()
    await using stranger = realm('stranger')
    const { port1, port2 } = new MessageChannel()
    const far = single(new PortTransport(port2, { trusted: false }))
    await stranger.listen(far, { actors, authorize: () => true })
    const open = () => new PortTransport(port1, { trusted: false })
    const peer = await r.middle.connect<typeof actors>({ open })
    const caller = await peer.spawn('Caller')
    await caller.keep(r.recorder)
    await r.caller.keep(await peer.spawn('Recorder'))
    expect(await caller.echo('in')).toBe('in')
    expect(await r.caller.echo('out')).toBe('out')
    expect(await caller.neighbours()).toEqual(['middle'])
    expect(await r.caller.neighbours()).toEqual(['middle'])
  })

  test('falls back to the realm between when the port is lost', async () => {
    await using r = await three()
    const other = (await r.a.lookup<Recorder>('recorder'))!
    await settled(r.a, 'b')
    await r.a.peers.find(({ id }) => id === 'b')!.close()
    expect(await other.echo('through the middle')).toBe('through the middle')
  })
})
