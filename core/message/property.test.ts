import { actor } from '../actor/plain.js'
import { single } from '../serving/listening.js'
import { describe, expect, test } from 'vitest'
import {
  Actor,
  ask,
  Dispatcher,
  info,
  type Peer,
  type Proxy,
  read,
  type SettledMessage,
  stop,
  tell,
  write,
} from '../index.js'
import { pair, type PairOptions } from '../transport/pair.js'
import { linkedPair, virtualClock } from '../testing/index.js'
import { RawPeer } from '../testing/raw-peer.js'

class Thermostat extends Actor {
  static exposed = ['target', 'celsius', 'reading', 'seen', 'busy', 'readOf', 'heater']
  target = 20
  seen: string[] = []
  secret = 'hidden'
  readonly #free: Promise<void>
  constructor(free: Promise<void> = Promise.resolve()) {
    super()
    this.#free = free
  }
  get celsius(): number {
    this.seen.push(`read by ${this.context.sender ? 'an actor' : 'nobody'}`)
    return this.target
  }
  set celsius(value: number) {
    this.target = value
  }
  get reading(): Promise<number> {
    return this.#free.then(() => this.target)
  }
  async busy(): Promise<void> {
    await this.#free
  }
  heater(): () => number {
    return () => this.target
  }
  readOf(other: Proxy<Thermostat>): Promise<number> {
    return read(other, 'celsius')
  }
}

const gate = (): { promise: Promise<void>; open: () => void } => {
  let open!: () => void
  return { promise: new Promise((done) => (open = done)), open }
}

describe('a property', () => {
  test('is written through one proxy and read through another', async () => {
    await using dispatcher = new Dispatcher()
    const own = await dispatcher.spawn(Thermostat, { name: 't' })
    const borrowed = (await dispatcher.lookup<Thermostat>('t'))!
    expect(await write(own, 'celsius', 25)).toBe(undefined)
    expect(await read(borrowed, 'target')).toBe(25)
    expect(await read(borrowed, 'celsius')).toBe(25)
  })

  test('waits its turn: one at a time, in the order sent', async () => {
    await using dispatcher = new Dispatcher()
    const { promise, open } = gate()
    const actor = await dispatcher.spawn(Thermostat, { args: [promise] })
    const order: string[] = []
    const note = (what: string) => (value: unknown) => void order.push(`${what} ${String(value)}`)
    const all = [
      actor.busy().then(note('busy')),
      write(actor, 'target', 1).then(note('written')),
      read(actor, 'reading').then(note('awaited')),
      write(actor, 'target', 2).then(note('written')),
      read(actor, 'target').then(note('read')),
    ]
    expect(
      await ask(actor, { timeout: 0 })
        .busy()
        .catch(({ code }: { code: string }) => code),
    ).toBe('timeout')
    expect(order).toEqual([])
    open()
    await Promise.all(all)
    expect(order).toEqual(['busy undefined', 'written undefined', 'awaited 1', 'written undefined', 'read 2'])
  })

  test('counts as handled, and onSettled tells it from a call', async () => {
    const settled: unknown[] = []
    class Watched extends Thermostat {
      override onSettled({ method, access, args }: SettledMessage, outcome: unknown): void {
        settled.push([access, method, args, outcome])
      }
    }
    await using dispatcher = new Dispatcher()
    const actor = await dispatcher.spawn(Watched)
    await write(actor, 'target', 3)
    await read(actor, 'target')
    await actor.busy()
    expect(settled).toEqual([
      ['write', 'target', [3], { ok: true, value: undefined }],
      ['read', 'target', [], { ok: true, value: 3 }],
      [undefined, 'busy', [], { ok: true, value: undefined }],
    ])
    expect((await info(actor)).handled).toBe(3)
  })

  test('rejects with what its accessors throw, and the actor goes on', async () => {
    class Odd {
      static exposed = ['bad', 'fixed', 'rejected']
      constructor() {
        Object.defineProperty(this, 'fixed', { value: 1 })
      }
      get bad(): number {
        throw new RangeError('read')
      }
      set bad(value: number) {
        throw new RangeError(`write ${value}`)
      }
      get rejected(): Promise<number> {
        return Promise.reject(new RangeError('later'))
      }
    }
    await using dispatcher = new Dispatcher()
    const odd = await dispatcher.spawn(actor(Odd))
    await expect(read(odd, 'bad')).rejects.toThrow(new RangeError('read'))
    await expect(write(odd, 'bad', 1)).rejects.toThrow(new RangeError('write 1'))
    await expect(read(odd, 'rejected')).rejects.toThrow(new RangeError('later'))
    for (const name of ['fixed', 'rejected']) {
      await expect(write(odd, name as never, 2 as never)).rejects.toBeInstanceOf(TypeError)
    }
    expect(await read(odd, 'fixed' as never)).toBe(1)
  })

  test('is out of reach unless a list names it, and so is every property of a plain object', async () => {
    await using dispatcher = new Dispatcher()
    const thermostat = await dispatcher.spawn(Thermostat)
    class Unlisted {
      value = 1
    }
    const unlisted = await dispatcher.spawn(actor(Unlisted))
    const plain = { value: 1, exposed: ['value'] }
    const { peer, close } = await linkedPair({ actors: { plain } })
    const found = (await peer.lookup<typeof plain>('plain'))!
    const refused = { code: 'not-exposed', ran: 'no' }
    for (const name of ['secret', 'busy', 'constructor', '__proto__', 'context', 'onStart', '_x', '', 'toString']) {
      await expect(read(thermostat, name as never)).rejects.toMatchObject(refused)
      await expect(write(thermostat, name as never, 1 as never)).rejects.toMatchObject(refused)
    }
    for (const one of [unlisted, found] as Proxy<Unlisted>[]) {
      await expect(read(one, 'value')).rejects.toMatchObject(refused)
      await expect(write(one, 'value', 2)).rejects.toMatchObject(refused)
    }
    await expect((thermostat as unknown as { target(): Promise<void> }).target()).rejects.toMatchObject(refused)
    expect((await info(thermostat)).methods).not.toContain('target')
    await close()
  })

  test('refuses what is no proxy, no name and no deadline', async () => {
    await using dispatcher = new Dispatcher()
    const actor = await dispatcher.spawn(Thermostat)
    const malformed = { code: 'malformed' }
    await expect(read({} as typeof actor, 'target')).rejects.toMatchObject(malformed)
    await expect(read(actor, Symbol.iterator as never)).rejects.toMatchObject(malformed)
    await expect(write(actor, 'target', 1, { timeout: -1 })).rejects.toMatchObject(malformed)
  })

  test('settles when its actor stops', async () => {
    await using dispatcher = new Dispatcher()
    const started = gate()
    class Stuck extends Thermostat {
      override get reading(): Promise<number> {
        started.open()
        return new Promise(() => {})
      }
    }
    const actor = await dispatcher.spawn(Stuck)
    const busy = read(actor, 'reading')
    await started.promise
    const behind = write(actor, 'target', 1)
    const outcomes = Promise.allSettled([busy, behind])
    await stop(actor, { mode: 'kill' })
    expect(await outcomes).toMatchObject([
      { reason: { code: 'stopped', ran: 'maybe' } },
      { reason: { code: 'stopped', ran: 'no' } },
    ])
    await expect(read(actor, 'target')).rejects.toMatchObject({ code: 'stopped', ran: 'no' })
  })
})

describe('deadlines and chains of properties', () => {
  test('the default of the dispatcher holds, and a read in a handler has the time that the handler has', async () => {
    const clock = virtualClock()
    await using dispatcher = new Dispatcher({ env: clock, deadline: 1_000 })
    const { promise, open } = gate()
    const actor = await dispatcher.spawn(Thermostat, { args: [promise] })
    const other = await dispatcher.spawn(Thermostat)
    tell(actor).busy()
    const late = read(actor, 'target').catch((error: unknown) => error)
    await clock.advance(1_100)
    expect(await late).toMatchObject({ code: 'timeout', ran: 'no' })
    open()
    expect(await other.readOf(actor)).toBe(20)
    expect(await read(actor, 'seen')).toEqual(['read by an actor'])
  })

  test('an actor that reads its own while it handles a message is told of the cycle', async () => {
    await using dispatcher = new Dispatcher()
    const actor = await dispatcher.spawn(Thermostat)
    await expect(actor.readOf(actor)).rejects.toMatchObject({ code: 'cycle' })
  })
})

describe.each<[string, PairOptions]>([
  ['ports', {}],
  ['untrusted', { trusted: false }],
])('over links, %s', (_, options) => {
  test('a property crosses a realm between as what it is', async () => {
    const [near, middle, far] = [1, 2, 3].map(() => new Dispatcher({ log: () => {} })) as [
      Dispatcher,
      Dispatcher,
      Dispatcher,
    ]
    try {
      class Host extends Actor {
        #held: Proxy<Thermostat> | undefined
        async held(): Promise<Proxy<Thermostat>> {
          const peer = this.context.dispatcher.peers.find(({ actors }) => actors.includes('Thermostat'))
          return (this.#held ??= await (peer as Peer<{ Thermostat: typeof Thermostat }>).spawn('Thermostat'))
        }
      }
      const [a, b] = pair(options)
      const [c, d] = pair(options)
      await far.listen(single(d), { actors: { Thermostat }, authorize: () => true })
      await middle.connect(c)
      await middle.listen(single(b), { actors: { Host }, authorize: () => true })
      const peer = await near.connect<{ Host: typeof Host }>(a)
      const host = await peer.spawn('Host')
      const actor = await host.held()
      await write(actor, 'celsius', 30)
      expect(await read(actor, 'target')).toBe(30)
      await expect(read(actor, 'busy' as never)).rejects.toMatchObject({ code: 'not-exposed' })
      await expect(write(actor, 'secret', 'x')).rejects.toMatchObject({ code: 'not-exposed' })
    } finally {
      for (const dispatcher of [near, middle, far]) await dispatcher.close()
    }
  })
})

test('a property of a name that is to come waits for it', async () => {
  const { near, far, close } = await linkedPair()
  const early = await near.lookup<Thermostat>('late', { ttl: 20_000 })
  const target = write(early, 'target', 5).then(() => read(early, 'target'))
  await far.spawn(Thermostat, { name: 'late' })
  expect(await target).toBe(5)
  await close()
})

describe('a peer that speaks by hand', () => {
  const open = async (): Promise<[Dispatcher, RawPeer]> => {
    const far = new Dispatcher({ log: () => {} })
    const [a, b] = pair()
    await far.listen(single(b), { actors: { Thermostat } })
    const raw = new RawPeer(a)
    await raw.shakeHands()
    return [far, raw]
  }

  test('reaches no property of a function', async () => {
    const [far, raw] = await open()
    const actor = await raw.spawn('Thermostat')
    raw.call(1, actor, 'heater')
    const heater = (await raw.reply(1)).value as typeof actor
    raw.property(2, heater, 'name')
    raw.property(3, heater, 'name', 'x')
    for (const slot of [2, 3]) expect((await raw.reply(slot)).value).toMatchObject({ code: 'not-exposed', ran: 'no' })
    raw.close()
    await far.close()
  })

  test('loses its link for two values at once', async () => {
    const [far, raw] = await open()
    raw.property(1, await raw.spawn('Thermostat'), 'target', 1, 2)
    expect(await raw.closed).toMatchObject({ code: 'malformed' })
    await far.close()
  })
})
