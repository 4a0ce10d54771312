import * as Comlink from 'comlink'
import { afterEach, describe, expect, test } from 'vitest'
import { Actor, ActorError, Dispatcher, kill, type Proxy, stop, transfer } from '../../core/index.js'
import { markOf } from '../../core/proxy/marks.js'
import { linkedPair } from '../../core/testing/index.js'
import { type ComlinkExposure, exposeToComlink, type FromComlinkOptions, fromComlink } from './comlink.js'

const METHODS =
  'increment fails throwValue odd report adder me count bytes stream moved unsendable echo use hang run'.split(' ')

class Counter extends Actor {
  static readonly concurrency: number = Infinity
  static readonly exposed = ['level', ...METHODS]
  level = 1
  #count = 0
  increment(by = 1): number {
    return (this.#count += by)
  }
  fails(): never {
    throw Object.assign(new RangeError('out of range'), { code: 'E_RANGE', detail: { n: 1 } })
  }
  throwValue(value: unknown): never {
    throw value
  }
  odd(): never {
    throw Object.assign(new TypeError('odd'), { fn: () => 1 })
  }
  async report(progress: (n: number) => unknown, to: number): Promise<unknown[]> {
    const heard: unknown[] = []
    for (let n = 1; n <= to; n++) heard.push(await progress(n))
    return heard
  }
  adder(by: number): (n: number) => number {
    return (n) => n + by
  }
  me(): Proxy<this> {
    return this.context.self
  }
  async *count(to: number): AsyncGenerator<number> {
    for (let n = 1; n <= to; n++) yield n
  }
  bytes(): ArrayBuffer {
    const { buffer } = Uint8Array.of(1, 2, 3)
    return transfer(buffer, [buffer])
  }
  stream(): ReadableStream<string> {
    return new ReadableStream({
      start(controller) {
        controller.enqueue('first')
        controller.close()
      },
    })
  }
  moved(): { port: MessagePort } {
    const { port1, port2 } = new MessageChannel()
    port1.postMessage('through the port')
    return Comlink.transfer({ port: port2 }, [port2])
  }
  unsendable(): unknown {
    return { deep: () => 1 }
  }
  echo(value: unknown): unknown {
    return value
  }
  async use(thing: { double(n: number): number }): Promise<number> {
    return thing.double(4)
  }
  hang(): Promise<never> {
    return new Promise(() => {})
  }
  _hidden(): string {
    return 'hidden'
  }
}

// What a Comlink client sees of it has no types of ours.
type Loose = Record<string, (...args: unknown[]) => Promise<unknown>>
type Field = Error & { code?: string; ran?: string; detail?: unknown }

const failure = (promise: PromiseLike<unknown>): Promise<Field> =>
  Promise.resolve(promise).then(
    (value) => {
      throw new Error(`expected a rejection, got ${String(value)}`)
    },
    (error: unknown) => error as Field,
  )

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** An actor here or behind a link, and a plain Comlink client of it. */
async function client(where: 'here' | 'elsewhere'): Promise<{
  remote: Comlink.Remote<Loose>
  counter: Proxy<Counter>
  exposure: ComlinkExposure
  raw: MessagePort
  crash(): Promise<void>
}> {
  const link = await linkedPair({ actors: { Counter }, dispatcher: { log: () => {} } })
  const counter = where === 'here' ? await link.near.spawn(Counter) : await link.peer.spawn('Counter')
  const { port1, port2 } = new MessageChannel()
  const exposure = exposeToComlink(counter, port2)
  cleanups.push(() => {
    exposure.close()
    port1.close()
    return link.close({ mode: 'kill' })
  })
  const remote = Comlink.wrap<Loose>(port1)
  return { remote, counter, exposure, raw: port1, crash: () => link.far.close({ mode: 'kill' }) }
}

describe.each(['here', 'elsewhere'] as const)('a Comlink client of an actor that lives %s', (where) => {
  test('calls its methods', async () => {
    const { remote } = await client(where)
    expect(await remote['increment']!(2)).toBe(2)
    expect(await Promise.all([1, 2, 3].map((n) => remote['increment']!(n)))).toEqual([3, 5, 8])
    expect(await remote['echo']!(new Map([['k', new Date(5)]]))).toEqual(new Map([['k', new Date(5)]]))
    expect([...new Uint8Array((await remote['bytes']!()) as ArrayBuffer)]).toEqual([1, 2, 3])
    const reader = ((await remote['stream']!()) as ReadableStream<string>).getReader()
    expect([await reader.read(), await reader.read()]).toEqual([
      { done: false, value: 'first' },
      { done: true, value: undefined },
    ])
  })

  test('reads and writes properties that it exposes', async () => {
    const { remote } = await client(where)
    const properties = remote as unknown as { level: Promise<number> & number; secret: Promise<unknown> }
    expect(await properties.level).toBe(1)
    properties.level = 5 as never
    expect(await properties.level).toBe(5)
    expect(await failure(properties.secret)).toMatchObject({ code: 'not-exposed', ran: 'no' })
  })

  test('gets errors with their fields, and values thrown as they are', async () => {
    const { remote } = await client(where)
    const error = await failure(remote['fails']!())
    expect(error).toMatchObject({ name: 'RangeError', message: 'out of range', code: 'E_RANGE', detail: { n: 1 } })
    expect(error).toBeInstanceOf(Error)
    for (const value of [0, undefined, 'text', { n: 1 }])
      expect(await failure(remote['throwValue']!(value))).toEqual(value)
    expect(await failure(remote['unsendable']!())).toMatchObject({ code: 'uncloneable', ran: 'maybe' })
    expect(await failure(remote['odd']!())).toMatchObject({ name: 'TypeError', message: 'odd' })
  })

  test('reaches methods of the actor and nothing else', async () => {
    const { remote, raw } = await client(where)
    const refused = { name: 'ActorError', code: 'not-exposed', ran: 'no' }
    for (const name of [
      'constructor',
      '__proto__',
      'toString',
      'then2',
      '_hidden',
      'onStart',
      'context',
      'nothing',
      '',
    ]) {
      expect(await failure(remote[name]!()), name).toMatchObject(refused)
    }
    const deep = remote as unknown as { increment: { call: Loose['x']; constructor: { constructor: Loose['x'] } } }
    expect(await failure(deep.increment.call!(null))).toMatchObject(refused)
    expect(await failure(deep.increment.constructor.constructor!('return 1'))).toMatchObject(refused)
    expect(
      await failure(new (remote as unknown as { increment: new () => Promise<unknown> }).increment()),
    ).toMatchObject(refused)
    expect(await failure(remote['increment'] as unknown as Promise<unknown>)).toMatchObject(refused)
    const answers: { id: string; value: { value: Field } }[] = []
    const message = (data: object): void => raw.postMessage({ type: 'APPLY', argumentList: [], ...data })
    raw.addEventListener('message', ({ data }) => void answers.push(data as (typeof answers)[0]))
    for (const [n, path] of [['then'], [], ['__proto__', 'constructor'], 'increment', [1], null].entries()) {
      message({ id: `raw ${n}`, path })
    }
    message({ id: 'raw 6', path: ['increment'], argumentList: [{ type: 'HANDLER', name: 'unheard-of', value: 1 }] })
    message({ id: 'raw 7', path: ['increment'], argumentList: 'none' })
    message({ id: 'raw 8', type: 'SET', path: ['increment'], value: { type: 'RAW', value: 1 } })
    for (const other of [{ id: 9 }, { id: 'x', type: 'OTHER' }]) message(other)
    raw.postMessage('not for Comlink')
    await expect.poll(() => answers.length).toBe(9)
    const codes = Object.fromEntries(answers.map(({ id, value }) => [id, value.value.code]))
    expect(codes).toEqual({
      'raw 0': 'not-exposed',
      'raw 1': 'not-exposed',
      'raw 2': 'not-exposed',
      'raw 3': 'malformed',
      'raw 4': 'malformed',
      'raw 5': 'malformed',
      'raw 6': 'malformed',
      'raw 7': 'malformed',
      'raw 8': 'not-exposed',
    })
    expect(answers[6]!.value.value.message).toContain("'unheard-of'")
    expect(await remote['increment']!()).toBe(1)
  })

  test('gives it callbacks', async () => {
    const { remote } = await client(where)
    const heard: number[] = []
    const progress = Comlink.proxy((n: number) => {
      heard.push(n)
      return n * 2
    })
    expect(await remote['report']!(progress, 3)).toEqual([2, 4, 6])
    expect(heard).toEqual([1, 2, 3])
    const failing = Comlink.proxy(() => {
      throw new RangeError('in the callback')
    })
    expect(await failure(remote['report']!(failing, 1))).toMatchObject({ message: 'in the callback' })
  })

  test('gets functions, proxies and streams that it can call, with nothing else behind them', async () => {
    const { remote } = await client(where)
    const adder = (await remote['adder']!(5)) as Comlink.Remote<(n: number) => number>
    expect(await adder(1)).toBe(6)
    const inner = adder as unknown as { constructor: new (code: string) => Promise<unknown>; call: Loose['x'] }
    expect(await failure(new inner.constructor('return 1'))).toMatchObject({ code: 'not-exposed' })
    expect(await failure(inner.call!(null, 1))).toMatchObject({ code: 'not-exposed' })
    adder[Comlink.releaseProxy]()

    const me = (await remote['me']!()) as Comlink.Remote<Loose>
    expect(await me['increment']!(4)).toBe(4)
    expect(await remote['increment']!()).toBe(5)
    expect(await failure(me['constructor']!())).toMatchObject({ code: 'not-exposed' })

    const stream = (await remote['count']!(2)) as unknown as AsyncIterator<number>
    expect([await stream.next(), await stream.next(), await stream.next()]).toMatchObject([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true },
    ])
  })

  test('gets another endpoint when it asks for one', async () => {
    const { remote, exposure } = await client(where)
    const port = await remote[Comlink.createEndpoint]()
    const other = Comlink.wrap<Loose>(port)
    expect(await other['increment']!()).toBe(1)
    const call = failure(other['hang']!())
    expect(await other['increment']!()).toBe(2)
    exposure.close()
    expect(await call).toMatchObject({ code: 'stopped', ran: 'maybe' })
    port.close()
  })

  test.each([
    ['stops', (counter: Proxy<Counter>) => stop(counter, { mode: 'kill' })],
    ['is killed', (counter: Proxy<Counter>) => kill(counter)],
  ] as const)('gets an answer to each call when the actor %s', async (_, end) => {
    const { remote, counter } = await client(where)
    const calls = Array.from({ length: 100 }, () => failure(remote['hang']!()))
    await remote['echo']!('they have all started')
    await end(counter)
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ name: 'ActorError', code: 'stopped' })
    expect(await failure(remote['increment']!())).toMatchObject({ code: 'stopped', ran: 'no' })
  })

  test('gets an answer to each call when the actor is no longer exposed', async () => {
    const { remote, exposure } = await client(where)
    const calls = Array.from({ length: 100 }, () => failure(remote['hang']!()))
    await remote['echo']!('they have all started')
    exposure[Symbol.dispose]()
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'stopped', ran: 'maybe' })
  })
})

describe('a Comlink client', () => {
  test('gets an answer to each call when the realm of the actor dies', async () => {
    const { remote, crash } = await client('elsewhere')
    await remote['increment']!()
    const calls = Array.from({ length: 100 }, () => failure(remote['hang']!()))
    await remote['echo']!('they have all started')
    await crash()
    for (const error of await Promise.all(calls)) expect(error.code).toMatch(/unknown|stopped/)
    expect(await failure(remote['increment']!())).toMatchObject({ code: 'unreachable', ran: 'no' })
  })

  test('gets what was marked with Comlink.transfer moved', async () => {
    const { remote } = await client('here')
    const { port } = (await remote['moved']!()) as { port: MessagePort }
    const heard = new Promise((resolve) => port.addEventListener('message', ({ data }) => resolve(data)))
    port.start()
    expect(await heard).toBe('through the port')
    port.close()
  })

  test('uses the transfer handlers of Comlink, both ways', async () => {
    class Money {
      constructor(readonly cents: number) {}
    }
    Comlink.transferHandlers.set('money', {
      canHandle: (value): value is Money => value instanceof Money,
      serialize: (money: Money) => [money.cents, []],
      deserialize: (cents: number) => new Money(cents),
    } as Comlink.TransferHandler<Money, number>)
    cleanups.push(() => Comlink.transferHandlers.delete('money'))
    for (const where of ['here', 'elsewhere'] as const) {
      const { remote } = await client(where)
      expect(await remote['echo']!(new Money(5))).toBeInstanceOf(Money)
    }
    const link = await linkedPair({ actors: { Counter } })
    const counter = await link.peer.spawn('Counter')
    expect(await counter.echo({ price: new Money(7) })).toEqual({ price: new Money(7) })
    expect(((await counter.echo({ price: new Money(7) })) as { price: Money }).price).toBeInstanceOf(Money)
    await link.close()
  })

  test('in a window of another origin is heard only if that is named, and is told no stacks', async () => {
    await using dispatcher = new Dispatcher()
    const counter = await dispatcher.spawn(Counter)
    const origin = 'https://elsewhere.example'
    for (const origins of [undefined, ['https://other.example'], [origin]]) {
      const answers: { id: string; value: { value: Field } }[] = []
      const listeners: ((event: object) => void)[] = []
      using _ = exposeToComlink(
        counter,
        {
          postMessage: (answer: (typeof answers)[0]) => void answers.push(answer),
          addEventListener: (_: string, listener: (typeof listeners)[0]) => void listeners.push(listener),
        },
        origins && { origins },
      )
      const call = (id: string, from: string): void =>
        listeners[0]!({ origin: from, data: { id, type: 'APPLY', path: ['fails'], argumentList: [] } })
      call('theirs', origin)
      call('of nobody', 'null')
      call('ours', '')
      const heard = origins?.includes(origin) ? ['theirs', 'ours'] : ['ours']
      await expect.poll(() => answers.map(({ id }) => id)).toEqual(heard)
      expect(answers[0]!.value.value.message).toBe('out of range')
      expect(answers[0]!.value.value.stack === undefined).toBe(origins !== undefined)
    }
  })

  test('needs a proxy at the other end', () => {
    const { port1, port2 } = new MessageChannel()
    expect(() => exposeToComlink({} as never, port1)).toThrow(expect.objectContaining({ code: 'malformed' }))
    port1.close()
    port2.close()
  })
})

class Service {
  value = 5
  readonly nested = { deep: { twice: (n: number) => n * 2 } }
  add(a: number, b: number): number {
    return a + b
  }
  fails(): never {
    throw new RangeError('in the service')
  }
  hang(): Promise<never> {
    return new Promise(() => {})
  }
  async each(list: number[], callback: (n: number) => Promise<number>): Promise<number[]> {
    const results: number[] = []
    for (const n of list) results.push(await callback(n))
    return results
  }
  adder(by: number): ((n: number) => number) & Comlink.ProxyMarked {
    return Comlink.proxy((n: number) => n + by)
  }
  hanger(): (() => Promise<never>) & Comlink.ProxyMarked {
    return Comlink.proxy(() => new Promise<never>(() => {}))
  }
  size(buffer: ArrayBuffer): number {
    return buffer.byteLength
  }
  async ask(actor: Comlink.Remote<Loose>): Promise<unknown> {
    return actor['increment']!(10)
  }
}

function service(options?: FromComlinkOptions): { remote: ReturnType<typeof fromComlink<Service>>; port: MessagePort } {
  const { port1, port2 } = new MessageChannel()
  Comlink.expose(new Service(), port2)
  const remote = fromComlink<Service>(port1, options)
  cleanups.push(() => {
    remote[Symbol.dispose]()
    port2.close()
  })
  return { remote, port: port2 }
}

test("Comlink's mark counts from the import on", () => {
  expect(markOf(Comlink.proxy({}))).toBeDefined()
  expect(markOf({})).toBeUndefined()
  const { port1 } = new MessageChannel()
  expect(markOf(Comlink.wrap(port1) as object)).toBeUndefined()
  port1.close()
})

describe('a Comlink service', () => {
  test('is called as Comlink calls it', async () => {
    const { remote } = service()
    expect(await remote.add(1, 2)).toBe(3)
    expect(await remote.value).toBe(5)
    await (remote as unknown as { nested: { deep: Loose } }).nested.deep['twice']!(4).then((n) => expect(n).toBe(8))
    ;(remote as { value: unknown }).value = 6
    expect(await remote.value).toBe(6)
    expect(await failure(remote.fails())).toMatchObject({ name: 'RangeError', message: 'in the service' })
    expect(await remote).toBe(remote)
    const adder = (await remote.adder(5)) as Comlink.Remote<(n: number) => number>
    expect(await adder(1)).toBe(6)
  })

  test('is called by an actor, with functions, actors and moved buffers as arguments', async () => {
    const { remote } = service()
    class Caller extends Counter {
      async run(): Promise<unknown[]> {
        const { buffer } = new Uint8Array(8)
        return [
          await remote.each([1, 2], async (n) => this.increment(n)),
          await remote.each(
            [1],
            Comlink.proxy(async (n) => this.increment(n)),
          ),
          await remote.ask(this.context.self as never),
          await remote.size(Comlink.transfer(buffer, [buffer])),
          buffer.byteLength,
        ]
      }
    }
    await using dispatcher = new Dispatcher()
    expect(await (await dispatcher.spawn(Caller)).run()).toEqual([[1, 3], [4], 14, 8, 0])
    expect(await failure(remote.size({ bad: Symbol('s') } as never))).toMatchObject({ code: 'uncloneable', ran: 'no' })
    expect(await remote.add(1, 1)).toBe(2)
  })

  test('settles every call when it is released here, by either name', async () => {
    for (const how of [Symbol.dispose, Comlink.releaseProxy] as const) {
      const { remote } = service()
      const inner = (await remote.hanger()) as Comlink.Remote<() => Promise<never>>
      const calls = [remote.hang(), remote.hang(), inner()].map(failure)
      remote[how]()
      for (const error of await Promise.all(calls)) {
        expect(error).toBeInstanceOf(ActorError)
        expect(error).toMatchObject({
          code: 'unknown',
          ran: 'maybe',
          cause: expect.objectContaining({ code: 'released' }) as Error,
        })
      }
      for (const call of [remote.add(1, 1), inner(), remote.value]) {
        expect(await failure(call)).toMatchObject({ code: 'unreachable', ran: 'no' })
      }
      remote[how]()
    }
  })

  test('settles every call when its port closes', async () => {
    // Where ports have no close event, the heartbeat tells: a short one here.
    const { remote, port } = service({ heartbeat: 500 })
    const inner = (await remote.hanger()) as Comlink.Remote<() => Promise<never>>
    const calls = [...Array.from({ length: 100 }, () => remote.hang()), inner()].map(failure)
    await remote.add(1, 1)
    port.close()
    for (const error of await Promise.all(calls)) {
      expect(error).toBeInstanceOf(ActorError)
      expect(error).toMatchObject({ code: 'unknown', ran: 'maybe' })
    }
    expect(await failure(remote.add(1, 1))).toMatchObject({ code: 'unreachable', ran: 'no' })
  })

  test('may take its time as long as it answers, and each call as long as its timeout says', async () => {
    const { remote } = service({ heartbeat: 200, timeout: 1_000 })
    const start = performance.now()
    expect(await failure(remote.hang())).toMatchObject({ code: 'timeout', ran: 'maybe' })
    expect(performance.now() - start).toBeGreaterThanOrEqual(999)
    expect(await remote.add(1, 1)).toBe(2)
    expect(() => fromComlink(new MessageChannel().port1, { timeout: NaN })).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    )
  })

  test('that answers nothing is given up where a heartbeat says so, whatever the platform tells of its end', async () => {
    using remote = fromComlink<{ add(a: number): number }>(new MessageChannel().port1, { heartbeat: 50 })
    expect(await failure(remote.add(1))).toMatchObject({ code: 'unknown', ran: 'maybe' })
  })

  test('needs an endpoint', async () => {
    await using dispatcher = new Dispatcher()
    const counter = await dispatcher.spawn(Counter)
    for (const wrong of [undefined, null, {}, 'port', { postMessage() {} }, counter]) {
      const malformed = expect.objectContaining({ code: 'malformed' }) as Error
      expect(() => fromComlink(wrong as never)).toThrow(malformed)
      expect(() => exposeToComlink(counter, wrong as never)).toThrow(malformed)
    }
  })

  test('is a function of its own', async () => {
    const { port1, port2 } = new MessageChannel()
    Comlink.expose((n: number) => n + 1, port2)
    using remote = fromComlink<(n: number) => number>(port1)
    expect(await remote(1)).toBe(2)
    const link = await linkedPair({ actors: { Counter } })
    const counter = await link.peer.spawn('Counter')
    expect(await counter.report(remote, 2)).toEqual([2, 3])
    expect(
      await counter.report(
        Comlink.proxy((n: number) => n * 3),
        2,
      ),
    ).toEqual([3, 6])
    const marked = Comlink.proxy({ double: (n: number) => n * 2 })
    expect(await counter.use(marked)).toBe(8)
    await link.close()
    port2.close()
  })
})
