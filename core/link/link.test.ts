import { single } from '../serving/listening.js'
import { describe, expect, test, vi } from 'vitest'
import { ActorError, ask, Dispatcher, type Proxy, same, tell } from '../index.js'
import { HELLO_BYTES } from '../ground/limits.js'
import { pair } from '../transport/pair.js'
import { linkedPair, Probe, probes, virtualClock } from '../testing/index.js'
import { RawPeer } from '../testing/raw-peer.js'
import { bytes } from '../wire/bytes.js'
import * as Tag from '../wire/tag.js'
import { Op } from './session/op.js'

const untrusted = { codec: bytes, payload: 'bytes', trusted: false } as const
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

describe('the handshake', () => {
  test('has a deadline, and leaves no timer behind', async () => {
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock })
    const [near] = pair()
    const connecting = outcome(dispatcher.connect(near))
    await clock.advance(29_999)
    expect(clock.timers).toBe(1)
    await clock.advance(1)
    expect(await connecting).toMatchObject({ code: 'handshake-timeout' })
    expect(clock.timers).toBe(0)
  })

  test('isCloneable a hello that was lost while the other realm was loading', async () => {
    const [near, far] = pair()
    const lost = vi.spyOn(near, 'send').mockImplementationOnce(() => {})
    const a = new Dispatcher()
    const b = new Dispatcher()
    const connecting = a.connect<typeof probes>(near)
    await vi.waitFor(() => expect(lost).toHaveBeenCalled())
    await b.listen(single(far), { actors: probes })
    const peer = await connecting
    expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
    await Promise.all([a.close(), b.close()])
  })

  test('passes over what a port still carries of an earlier link', async () => {
    const [near, far] = pair()
    const dispatcher = new Dispatcher()
    const connecting = dispatcher.connect(near)
    const raw = new RawPeer(far, 'raw')
    const { nonce } = (await raw.next(Op.Hello)).value as { nonce: string }
    raw.hello({ id: 'other', nonce: 'earlier', answer: 'earlier too' })
    raw.send(Op.Welcome, { actors: ['Earlier'] })
    for (let slot = 0; slot < 10; slot++) raw.send(Op.Result, slot, 'a reply to an earlier call')
    raw.send(Op.Down, 5, 'an earlier actor ended')
    raw.send(Op.Close, { code: 'stopped', text: 'the earlier link was closed', to: 'earlier too' })
    raw.hello()
    raw.hello({ answer: nonce })
    const answers = [(await raw.next(Op.Hello)).value, (await raw.next(Op.Hello)).value]
    expect(answers).toMatchObject([{ answer: 'earlier' }, { answer: 'raw' }])
    await raw.next(Op.Welcome)
    raw.send(Op.Welcome, { actors: ['Actor'] })
    expect(await connecting).toMatchObject({ id: 'raw', actors: ['Actor'] })
    const said = vi.spyOn(near, 'send')
    await dispatcher.close()
    expect(said.mock.lastCall?.[0], 'names the link that it closes').toContain('raw')
  })

  test('links two that both connect', async () => {
    const [one, two] = pair()
    const a = new Dispatcher()
    const b = new Dispatcher()
    const [peer] = await Promise.all([a.connect<typeof probes>(one), b.connect(two, { actors: probes })])
    expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
    await a.close()
    await b.close()
  })

  test('refuses a peer with our own id', async () => {
    const [one, two] = pair()
    const a = new Dispatcher({ id: 'same' })
    const b = new Dispatcher({ id: 'same', log: () => {} })
    await b.listen(single(two))
    expect(await outcome(a.connect(one))).toMatchObject({ code: 'id-in-use' })
  })

  test('refuses an untrusted peer from elsewhere unless authorize lets it in', async () => {
    const [one, two] = pair(untrusted)
    Object.assign(two, { facts: { loopback: false } })
    const a = new Dispatcher()
    const b = new Dispatcher({ log: () => {} })
    await b.listen(single(two))
    expect(await outcome(a.connect(one))).toMatchObject({ code: 'unauthorized' })
  })

  test('lets nobody in whom authorize does not let in in so many words', async () => {
    for (const verdict of [0, 1, '', 'no', null, undefined, [], Promise.resolve('yes'), NaN]) {
      const authorize = (): never => verdict as never
      const refused = linkedPair({ ...untrusted, authorize, dispatcher: { log: () => {} } })
      expect(await outcome(refused)).toMatchObject({ code: 'unauthorized' })
    }
  })

  test('treats an authorize that throws as a refusal, and tells the peer nothing of why', async () => {
    const authorize = (): never => {
      throw new Error('the database password is hunter2')
    }
    const error = (await outcome(linkedPair({ ...untrusted, authorize, dispatcher: { log: () => {} } }))) as ActorError
    expect(error).toMatchObject({ code: 'unauthorized' })
    expect(error.message).not.toContain('hunter2')
  })
})

describe('connect', () => {
  test('leaves nothing behind if the transport cannot be opened', async () => {
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock })
    const failing = {
      open: () => {
        throw new TypeError('no')
      },
    }
    expect(await outcome(dispatcher.connect(failing))).toBeInstanceOf(TypeError)
    expect(clock.timers).toBe(0)
    await dispatcher.close()
  })

  test('gives a transport that never opens as long as a handshake, and closes one that comes too late', async () => {
    const clock = virtualClock()
    const dispatcher = new Dispatcher({ env: clock })
    const [near, far] = pair()
    let open!: (transport: typeof near) => void
    const slow = { open: () => new Promise<typeof near>((resolve) => (open = resolve)) }
    const connecting = outcome(dispatcher.connect(slow))
    await clock.advance(30_000)
    expect(await connecting).toMatchObject({ code: 'handshake-timeout' })
    open(near)
    expect(await far.closed).toMatchObject({ code: 'unreachable' })
    const closing = outcome(dispatcher.connect(slow))
    await clock.advance(0)
    await dispatcher.close()
    open(pair()[0])
    expect(await closing).toMatchObject({ code: 'stopped' })
    expect(clock.timers).toBe(0)
  })
})

describe('a link', () => {
  test('makes calls beyond the peer’s window wait, and all pass', async () => {
    const { peer, near, close } = await linkedPair({ ...untrusted, actors: probes })
    const probe = await peer.spawn('Probe')
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, n) => probe.add(n, 1)))
    answers.forEach((answer, n) => expect(answer).toBe(n + 1))
    expect(near.info().peers).toMatchObject([{ pending: 0 }])
    await close()
  })

  test.each([8, 100])(
    'keeps the order of calls and messages beyond a window of %d, in whatever form',
    async (calls) => {
      const { peer, close } = await linkedPair({ actors: probes, dispatcher: { limits: { calls } } })
      const probe = await peer.spawn('Probe')
      const answers = Array.from({ length: 500 }, (_, n) => {
        for (let told = 0; told < 6; told++) tell(probe).record(`${n}.${told}`)
        return probe.echo(n % 50 === 0 && n < calls ? Uint8Array.of(n) : n)
      })
      const echoed = await Promise.all(answers)
      echoed.forEach((answer, n) => expect(Number(answer)).toBe(n))
      expect(await probe.log()).toEqual(answers.flatMap((_, n) => [0, 1, 2, 3, 4, 5].map((told) => `${n}.${told}`)))
      await close()
    },
  )

  test('takes back a call that waits: it never ran', async () => {
    const { peer, close } = await linkedPair({ ...untrusted, actors: probes, dispatcher: { limits: { calls: 2 } } })
    const probe = await peer.spawn('Probe')
    const busy = [probe.deaf(), probe.deaf()].map(outcome)
    const controller = new AbortController()
    const waiting = outcome(ask(probe, { signal: controller.signal }).record('never'))
    tell(probe).record('in order')
    controller.abort()
    expect(await waiting).toMatchObject({ code: 'aborted', ran: 'no' })
    const behind = outcome(probe.add(1, 1))
    await peer.close()
    expect(await behind).toMatchObject({ code: 'unreachable', ran: 'no' })
    for (const error of await Promise.all(busy)) expect(error).toMatchObject({ code: 'unknown', ran: 'maybe' })
    await close({ mode: 'kill' })
  })

  test('gives calls to untrusted peers 30 s', async () => {
    const clock = virtualClock()
    const { peer, close } = await linkedPair({ ...untrusted, actors: probes, dispatcher: { env: clock } })
    const probe = await peer.spawn('Probe')
    const call = outcome(probe.hang())
    await clock.advance(29_000)
    expect(await Promise.race([call, 'still running'])).toBe('still running')
    await clock.advance(2_000)
    expect(await call).toMatchObject({ code: 'timeout', ran: 'maybe' })
    await close()
    expect(clock.timers).toBe(0)
  })

  test('notices a peer that fell silent, and not one that answers', async () => {
    const clock = virtualClock()
    const [one, two] = pair()
    for (const end of [one, two]) Object.assign(end, { traits: { ...end.traits, heartbeat: true } })
    const a = new Dispatcher({ env: clock })
    const b = new Dispatcher({ env: clock })
    await b.listen(single(two), { actors: probes })
    const peer = await a.connect<typeof probes>(one)
    const probe = await peer.spawn('Probe')
    await clock.advance(100_000)
    expect(await probe.add(1, 1)).toBe(2)
    const call = outcome(probe.deaf())
    vi.spyOn(two, 'send').mockImplementation(() => {})
    await clock.advance(50_000)
    expect(await call).toMatchObject({ code: 'unknown', cause: { code: 'unreachable' } })
    await Promise.all([a.close(), b.close({ mode: 'kill' })])
    expect(clock.timers).toBe(0)
  })

  test('gives out only what was handed out', async () => {
    const { far, peer, close } = await linkedPair({ ...untrusted, actors: probes })
    await peer.spawn('Probe')
    await far.spawn(probes.Probe, { name: 'other' })
    const [a, b] = pair(untrusted)
    await far.listen(single(b), { actors: probes, names: [] })
    const raw = new RawPeer(a)
    await raw.shakeHands()
    raw.call(1, { index: 0 }, 'add', 1, 2)
    expect((await raw.reply(1)).value).toMatchObject({ code: 'not-found' })
    raw.send(Op.Request, 2, 0, 'lookup', 1, 'other')
    expect((await raw.reply(2)).value).toBeUndefined()
    raw.send(Op.Request, 3, 0, 'constructor', 0)
    expect((await raw.reply(3)).value).toMatchObject({ code: 'not-found' })
    await close()
  })

  test('bounds the actors and the references of an untrusted peer', async () => {
    const limits = { actors: 2, references: 5 }
    const { peer, close } = await linkedPair({ ...untrusted, actors: probes, dispatcher: { limits } })
    const [probe] = await Promise.all([peer.spawn('Probe'), peer.spawn('Probe')])
    expect(await outcome(peer.spawn('Probe'))).toMatchObject({ code: 'quota' })
    const given = Array.from({ length: 5 }, () => () => 1)
    for (const fn of given) await probe.invoke(fn, 1)
    expect(await outcome(probe.invoke(() => 1, 1))).toMatchObject({ code: 'quota', ran: 'no' })
    expect(await probe.add(1, 1)).toBe(2)
    await close()
  })

  test('keeps messages whole when a getter in a value sends some of its own', async () => {
    const { peer, close } = await linkedPair({ actors: probes })
    const probe = await peer.spawn('Probe')
    const nested: Promise<unknown>[] = []
    const value = {
      get sly(): number {
        nested.push(probe.add(20, 22))
        return 1
      },
    }
    expect(await probe.echo(value)).toEqual({ sly: 1 })
    expect(await Promise.all(nested)).toEqual([42])
    const throwing = {
      get sly(): never {
        throw new Error('mine')
      },
    }
    expect(await outcome(probe.echo(throwing))).toMatchObject({ code: 'uncloneable', cause: { message: 'mine' } })
    await close()
  })

  test('accepts no answer from a link that was not asked', async () => {
    const dispatcher = new Dispatcher({ log: () => {} })
    const [a, b] = pair()
    const [c, d] = pair(untrusted)
    const honest = new Dispatcher()
    await honest.listen(single(b), { actors: probes })
    const probe = (await (await dispatcher.connect<typeof probes>(a)).spawn('Probe')) as Proxy<Probe>
    const call = outcome(ask(probe, { timeout: 200 }).hang())
    await dispatcher.listen(single(d))
    const hostile = new RawPeer(c)
    await hostile.shakeHands()
    hostile.send(Op.Result, 0, 'forged')
    expect(await hostile.closed).toMatchObject({ code: 'protocol' })
    expect(await call).toMatchObject({ code: 'timeout' })
    await Promise.all([dispatcher.close(), honest.close()])
  })
})

describe('a link that fails in the middle', () => {
  test('settles the call whose reply let a broken one leave', async () => {
    const dispatcher = { limits: { calls: 1 } }
    const { peer, close } = await linkedPair({ ...untrusted, actors: probes, dispatcher })
    const probe = await peer.spawn('Probe')
    const [first, large, last] = [probe.later(6), outcome(probe.echo('x'.repeat(1_100_000))), probe.add(1, 1)]
    expect(await large).toMatchObject({ code: 'too-large', ran: 'no' })
    expect(await Promise.all([first, last])).toEqual([6, 2])
    await close()
  })

  test('ends although a stream of the user’s cannot be ended', async () => {
    const { peer, close } = await linkedPair({ actors: probes })
    const probe = await peer.spawn('Probe')
    const stubborn = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: () => {
          throw new Error('no')
        },
      }),
    }
    const taken = outcome(probe.first(stubborn as AsyncIterable<number>))
    expect(await taken).toBe(1)
    await peer.close()
    expect((await peer.closed).code).toBe('stopped')
    await close()
  })

  test('ends the step of a stream that waits for its signal', async () => {
    const { near, far, peer, close } = await linkedPair({ actors: probes })
    const probe = await peer.spawn('Probe', { name: 'waiting' })
    const stream = probe.endless()[Symbol.asyncIterator]()
    expect(await stream.next()).toEqual({ done: false, value: 1 })
    const step = outcome(stream.next())
    await near.close()
    expect(await step).toMatchObject({ code: 'unknown' })
    expect(await (await far.lookup<Probe>('waiting'))!.ended()).toBe(1)
    await close()
  })

  test('takes what a getter defers to a link that it then closes', async () => {
    const { peer, close } = await linkedPair({ actors: probes })
    const probe = await peer.spawn('Probe')
    let deferred: Promise<unknown> | undefined
    const value = {
      get sly(): number {
        deferred = outcome(probe.add(1, 1))
        void peer.close()
        return 1
      },
    }
    expect(await outcome(probe.echo(value))).toBeInstanceOf(Error)
    expect(await deferred).toMatchObject({ code: 'unreachable', ran: 'no' })
    await close()
  })
})

describe('a message that waits', () => {
  test('keeps the form that it had at the call', async () => {
    class Sender extends probes.Probe {
      async both(other: Proxy<Probe>): Promise<unknown[]> {
        const plain = other.add(1, 1)
        const signed = this.context.ask(other).sender()
        return Promise.all([plain, signed])
      }
    }
    const { near, peer, close } = await linkedPair({
      ...untrusted,
      actors: probes,
      dispatcher: { limits: { calls: 1 } },
    })
    const probe = await peer.spawn('Probe')
    const sender = await near.spawn(Sender)
    const busy = probe.later(6)
    const [sum, seen] = await sender.both(probe)
    expect([await busy, sum, same(seen as Proxy<unknown>, sender)]).toEqual([6, 2, true])
    await close()
  })

  test('does not leave if a getter in it gives it up', async () => {
    const { peer, close } = await linkedPair({ actors: probes })
    const probe = await peer.spawn('Probe')
    const controller = new AbortController()
    const value = {
      get sly(): number {
        controller.abort()
        return 1
      },
    }
    const given = outcome(ask(probe, { signal: controller.signal }).record(value))
    expect(await given).toMatchObject({ code: 'aborted', ran: 'no' })
    expect(await probe.log()).toEqual([])
    await close()
  })
})

describe('an untrusted peer', () => {
  test('cannot pass its actor off as one of ours over a relay', async () => {
    const middle = new Dispatcher()
    const inner = new Dispatcher()
    const secret = await inner.spawn(probes.Probe, { id: 'secret' })
    await secret.record('mine')
    const [a, b] = pair()
    await inner.listen(single(b), { actors: probes })
    const relay = await (await middle.connect<typeof probes>(a)).spawn('Probe')
    const hostile = new Dispatcher({ id: inner.id })
    const [c, d] = pair(untrusted)
    await hostile.listen(single(d))
    await hostile.spawn(probes.Probe, { id: 'secret', name: 'forged' })
    const forged = (await (await middle.connect(c)).lookup<Probe>('forged'))!
    const seen = (await relay.echo(forged)) as Proxy<Probe>
    expect(await seen.log()).toEqual([])
    expect(await relay.relay(forged, 1, 1)).toBe(2)
    await Promise.all([middle.close(), inner.close(), hostile.close()])
  })

  test('is welcome once', async () => {
    const dispatcher = new Dispatcher({ log: () => {} })
    const [a, b] = pair(untrusted)
    await dispatcher.listen(single(b))
    const raw = new RawPeer(a)
    await raw.shakeHands()
    raw.send(Op.Welcome, { actors: [] })
    expect(await raw.closed).toMatchObject({ code: 'protocol' })
    await dispatcher.close()
  })

  test('is read little of before it is let in, where the platform clones too', async () => {
    const early = async (say: (raw: RawPeer) => void): Promise<unknown> => {
      const dispatcher = new Dispatcher({ log: () => {} })
      const [a, b] = pair({ trusted: false })
      await dispatcher.listen(single(b))
      const raw = new RawPeer(a)
      say(raw)
      const { code } = await raw.closed
      await dispatcher.close()
      return code
    }
    expect(await early((raw) => raw.hello({ token: 'x'.repeat(HELLO_BYTES) }))).toBe('too-large')
    expect(await early((raw) => raw.hello({ many: Array.from({ length: 1_000 }, () => 0) }))).toBe('too-large')
    expect(await early((raw) => raw.hello({ extra: new Uint8Array(1) }))).toBe('too-large')
    expect(await early((raw) => raw.hello({ extra: 1n }))).toBe('too-large')
    expect(await early((raw) => raw.send(Op.Call, 0, 0, 'add', 0))).toBe('protocol')
  })

  test('is closed at once if it says with a graph of shared nodes who it is or why it leaves', async () => {
    let graph: unknown = []
    for (let n = 0; n < 30; n++) graph = [graph, graph]
    const early = async (say: (raw: RawPeer) => void): Promise<void> => {
      const dispatcher = new Dispatcher({ log: () => {} })
      const [a, b] = pair(untrusted)
      await dispatcher.listen(single(b))
      const raw = new RawPeer(a)
      say(raw)
      expect(await raw.closed).toBeInstanceOf(ActorError)
      await dispatcher.close()
    }
    await early((raw) => raw.hello({ version: graph }))
    await early((raw) => raw.hello({ id: graph }))
    await early((raw) => raw.hello({ limits: graph }))
    await early((raw) => raw.hello({ features: [graph] }))
    await early((raw) => raw.send(Op.Close, { code: 'protocol', text: graph }))
    await early((raw) => raw.send(Op.Close, { code: graph, text: 'the end' }))
    await early((raw) => raw.send(Op.Welcome, { actors: [graph] }))
    await early((raw) => raw.send(Op.Request, 0, 0, graph, 0))
  })

  test('cannot hide a container from the count as a value of the platform', async () => {
    const dispatcher = new Dispatcher({ log: () => {} })
    for (const hidden of [[[]], {}, new Map(), new Set(), new Error('hidden'), new Date(0)]) {
      const [a, b] = pair({ trusted: false })
      await dispatcher.listen(single(b))
      const raw = new RawPeer(a)
      await raw.shakeHands()
      raw.sendRaw([Op.Request, 0, 0, 'spawn', 1, null, Tag.Platform, hidden])
      expect(await raw.reply(0), String(hidden)).toMatchObject({ op: Op.Fail, value: { code: 'malformed' } })
    }
    await dispatcher.close()
  })

  test('decides nothing about an actor that it spawns but its arguments', async () => {
    const { peer, far, close } = await linkedPair({ ...untrusted, actors: probes })
    const own = { take: () => undefined, put: () => undefined, size: 0 }
    const options = [
      { id: 'chosen' },
      { restart: 'permanent' },
      { restart: { max: Infinity } },
      { decide: () => 'restart' },
      { strategy: 'one-for-all' },
      { retries: 1e15 },
      { mailbox: { limit: Infinity } },
      { mailbox: own },
    ]
    for (const option of options) {
      const error = outcome(peer.spawn('Probe', option as never))
      expect(await error, Object.keys(option)[0]).toMatchObject({ code: 'unauthorized', ran: 'no' })
    }
    expect(far.info().actors).toEqual([])
    expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
    await close()
  })

  test('gives an actor only a name that was granted', async () => {
    const grants = [
      [true, 'unauthorized'],
      [{ user: 'ada' }, 'unauthorized'],
      [{ names: ['other'] }, 'unauthorized'],
      [{ names: ['mine'] }, 3],
      [{ control: true }, 3],
      // On the loopback interface, where nobody else comes in.
      [undefined, 3],
    ] as const
    for (const [grant, expected] of grants) {
      const authorize = grant && ((): typeof grant => grant)
      const { peer, close } = await linkedPair({
        ...untrusted,
        actors: probes,
        ...(authorize && { authorize }),
      })
      const added = peer.spawn('Probe', { name: 'mine' }).then((probe) => probe.add(1, 2))
      const seen = await added.catch((error: ActorError) => error.code)
      expect(seen, JSON.stringify(grant)).toBe(expected)
      await close()
    }
  })

  test('cannot spawn more at once than one after the other', async () => {
    const { peer, close } = await linkedPair({ ...untrusted, actors: probes, dispatcher: { limits: { actors: 3 } } })
    const spawned = await Promise.allSettled(Array.from({ length: 20 }, () => peer.spawn('Probe')))
    expect(spawned.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    await close()
  })
})

test('a one-way message that is relayed for an untrusted peer is no dead letter once it left', async () => {
  const clock = virtualClock()
  const options = { env: clock, log: () => {} }
  const [near, between, far] = [new Dispatcher(options), new Dispatcher(options), new Dispatcher(options)]
  const [a, b] = pair({ trusted: false })
  const [c, d] = pair()
  await far.listen(single(d))
  await between.connect(c)
  await far.spawn(Probe, { name: 'far' })
  await between.listen(single(b), { authorize: () => true, names: ['far'] })
  const probe = (await (await near.connect(a)).lookup<Probe>('far'))!
  tell(probe).record('told')
  await clock.advance(60_000)
  expect(await probe.log()).toEqual(['told'])
  expect([near, between, far].map((one) => one.info().deadLetters)).toEqual([0, 0, 0])
  expect(between.info().deadlines).toBe(0)
  await Promise.all([near.close(), between.close(), far.close({ mode: 'kill' })])
})

describe('odd timeouts', () => {
  test('harm neither the call nor the link', async () => {
    const { peer, close } = await linkedPair({ actors: probes })
    const probe = await peer.spawn('Probe')
    for (const timeout of [2 ** 31, 1e17, Number.MAX_VALUE, Infinity]) {
      expect(await ask(probe, { timeout }).add(1, 1)).toBe(2)
    }
    for (const timeout of [NaN, -1, '5' as never]) {
      expect(() => ask(probe, { timeout })).toThrow(expect.objectContaining({ code: 'malformed' }))
    }
    expect(await outcome((probe as never as Record<string, () => Promise<unknown>>)['x'.repeat(300)]!())).toMatchObject(
      {
        code: 'malformed',
      },
    )
    expect(await probe.add(1, 1)).toBe(2)
    await close()
  })
})
