import { actor } from '../../actor/plain.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Actor, ActorError, ask, type Dispatcher, type Proxy } from '../../index.js'
import { collectUntil } from '../../testing/collect.js'
import { type LinkedPair, linkedPair, type Probe, probes, virtualClock } from '../../testing/index.js'

let realms: LinkedPair<typeof probes>
let probe: Proxy<Probe>
beforeEach(async () => {
  realms = await linkedPair({ actors: probes })
  probe = await realms.peer.spawn('Probe')
})
afterEach(() => realms.close())

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
const buffered = (dispatcher: Dispatcher): number => dispatcher.info().peers[0]!.buffered
const held = (dispatcher: Dispatcher): number => dispatcher.info().peers[0]!.exports
const CHUNK = 64 * 1024

test('a reader that is slow bounds what a readable stream makes', async () => {
  let made = 0
  const source = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(CHUNK).fill(made++)) })
  const far = await realms.far.spawn(probes.Probe, { name: 'far' })
  const reading = (await far.echo(await far.me())) && (await probe.echo(source))
  // It came home as itself: one that is read there is needed.
  expect(reading).toBe(source)
  let read: ReadableStreamDefaultReader<Uint8Array> | undefined
  class Keeper {
    keep(stream: ReadableStream<Uint8Array>): void {
      read = stream.getReader()
    }
  }
  await realms.far.spawn(actor(Keeper), { name: 'keeper' })
  const keeper = await realms.near.lookup<{ keep(stream: ReadableStream): void }>('keeper')
  await keeper!.keep(source)
  for (let n = 0; n < 20; n++) {
    expect((await read!.read()).value![0]).toBe(n)
    expect(made - n).toBeLessThanOrEqual(7)
    expect(buffered(realms.near)).toBeLessThanOrEqual(5 * CHUNK)
  }
  await read!.cancel()
  await vi.waitFor(() => expect(held(realms.near)).toBe(0))
  expect(buffered(realms.near)).toBe(0)
})

test('a sink that is slow bounds what is written to it', async () => {
  let go!: () => void
  let taken = 0
  const sink = new WritableStream<number>({
    write: () => {
      taken++
      return new Promise<void>((resolve) => (go = resolve))
    },
  })
  let writer: WritableStreamDefaultWriter<Uint8Array> | undefined
  class Keeper {
    keep(stream: WritableStream<Uint8Array>): void {
      writer = stream.getWriter()
    }
  }
  await realms.far.spawn(actor(Keeper), { name: 'keeper' })
  const keeper = await realms.near.lookup<{ keep(stream: WritableStream): void }>('keeper')
  await keeper!.keep(sink)
  let written = 0
  const writing = (async () => {
    for (; written < 20; written++) {
      await writer!.ready
      void outcome(writer!.write(new Uint8Array(CHUNK)))
    }
  })()
  await vi.waitFor(() => expect(taken).toBe(1))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(written).toBeLessThanOrEqual(2)
  expect(buffered(realms.far)).toBe(CHUNK)
  for (let n = 0; n < 20; n++) {
    await vi.waitFor(() => expect(taken).toBe(n + 1))
    go()
  }
  await writing
  await vi.waitFor(() => expect(buffered(realms.far)).toBe(0))
})

test('an error of the source arrives behind what came before it', async () => {
  class Failing {
    stream(): ReadableStream<number> {
      let n = 0
      return new ReadableStream({
        pull(controller) {
          if (n === 3) throw new RangeError('dry')
          controller.enqueue(n++)
        },
      })
    }
  }
  await realms.far.spawn(actor(Failing), { name: 'failing' })
  const failing = await realms.near.lookup<Failing>('failing')
  const reader = (await failing!.stream()).getReader()
  for (let n = 0; n < 3; n++) expect((await reader.read()).value).toBe(n)
  expect(await outcome(reader.read())).toBeInstanceOf(RangeError)
})

test('an error of the sink reaches whoever writes', async () => {
  const sink = new WritableStream({
    write() {
      throw new RangeError('full')
    },
  })
  expect(await outcome(probe.pour(sink as never, 100))).toBeInstanceOf(RangeError)
})

test.each([
  ['closed', {}, (writer: WritableStreamDefaultWriter) => writer.close()],
  ['aborted', {}, (writer: WritableStreamDefaultWriter) => writer.abort('enough')],
  [
    'written to in vain',
    { write: () => Promise.reject(new Error('full')) },
    (writer: WritableStreamDefaultWriter) => writer.write(1),
  ],
])('a sink that was %s is held no longer', async (_, sink: UnderlyingSink, end) => {
  class Ender {
    async end(stream: WritableStream): Promise<void> {
      await end(stream.getWriter()).catch(() => {})
    }
  }
  await realms.far.spawn(actor(Ender), { name: 'ender' })
  const ender = await realms.near.lookup<{ end(stream: WritableStream): Promise<void> }>('ender')
  await ender!.end(new WritableStream(sink))
  await vi.waitFor(() => expect(held(realms.near)).toBe(0))
})

test('a link that dies ends streams at both ends', async () => {
  const readable = (await probe.readable(1_000_000)).getReader()
  await readable.read()
  const writable = (await probe.writable()).getWriter()
  await writable.write('one')
  const far = await realms.far.lookup<Probe>((await probe.actors())[0]!)
  await realms.peer.close()
  expect(
    await outcome(
      (async () => {
        for (;;) await readable.read()
      })(),
    ),
  ).toMatchObject({ code: expect.stringMatching(/unknown|unreachable/) })
  void outcome(writable.write('two'))
  expect(await outcome(writable.closed)).toMatchObject({ code: 'unreachable' })
  await vi.waitFor(async () =>
    expect((await far!.events()).map((event) => String(event).split(':')[0])).toEqual(
      expect.arrayContaining(['one', 'cancelled', 'aborted']),
    ),
  )
})

test('streams that are idle error where the link ends, at both ends', async () => {
  const reader = (await probe.readable(1_000)).getReader() as ReadableStreamDefaultReader<number>
  const writer = (await probe.writable()).getWriter()
  await reader.read()
  await writer.write('one')
  class Keeper {
    readonly #closed: Promise<unknown>[] = []
    async keep(from: ReadableStream, into: WritableStream): Promise<void> {
      const [kept, other] = [into.getWriter(), from.getReader()]
      await Promise.all([kept.write(1), other.read()])
      this.#closed.push(kept.closed, other.closed)
    }
    async ends(): Promise<unknown[]> {
      return Promise.all(this.#closed.map(async (closed) => ((await outcome(closed)) as ActorError).code))
    }
  }
  const keeper = await realms.far.spawn(actor(Keeper), { name: 'keeper' })
  const pulled = new ReadableStream({ pull: (controller) => controller.enqueue(1) })
  await (await realms.near.lookup<Keeper>('keeper'))!.keep(pulled, new WritableStream())
  await realms.peer.close()
  expect(await outcome(reader.closed)).toMatchObject({ code: 'unreachable' })
  expect(await outcome(writer.closed)).toMatchObject({ code: 'unreachable' })
  expect(await keeper.ends()).toEqual(['unreachable', 'unreachable'])
})

test('a stream that nobody opens is given up when it is collected', async () => {
  await (async () => void (await probe.readable(10)))()
  await collectUntil(async () => (await probe.events()).length === 1)
  expect(await probe.events()).toEqual(['cancelled: undefined'])
})

test('a generator that nobody opens is given up, and never began', async () => {
  const base = held(realms.far)
  await (async () => void (await (probe.count(3) as unknown as Promise<unknown>)))()
  expect(held(realms.far)).toBe(base + 1)
  await collectUntil(async () => (await probe.add(1, 1)) === 2 && held(realms.far) === base)
  expect(await probe.ended()).toBe(0)
})

test('a stream that is locked is refused', async () => {
  const stream = new ReadableStream()
  stream.getReader()
  expect(await outcome(probe.total(stream as never))).toMatchObject({ code: 'uncloneable', ran: 'no' })
  expect(await probe.add(1, 2)).toBe(3)
})

test.each(['here', 'there'])('an abort ends a stream %s, also while it waits, and runs its finally', async (where) => {
  const actor = where === 'here' ? await realms.near.spawn(probes.Probe) : probe
  const waiting = new AbortController()
  const stream = ask(actor, { signal: waiting.signal }).endless()[Symbol.asyncIterator]()
  expect((await stream.next()).value).toBe(1)
  const next = outcome(stream.next())
  waiting.abort()
  expect(await next).toMatchObject({ code: 'aborted' })
  expect(await outcome(stream.next())).toMatchObject({ code: 'aborted' })
  await vi.waitFor(async () => expect(await actor.ended()).toBe(1))

  const idle = new AbortController()
  const other = ask(actor, { signal: idle.signal }).count(5)[Symbol.asyncIterator]()
  await other.next()
  idle.abort()
  expect(await actor.ended()).toBe(2)
  expect(await outcome(other.next())).toMatchObject({ code: 'aborted' })
  expect(await actor.add(1, 2)).toBe(3)
})

test.each([
  ['aborted', 'here'],
  ['aborted', 'there'],
  ['timeout', 'here'],
  ['timeout', 'there'],
])('a stream that has run says so when it is given up (%s, %s), and leaves no dead letter', async (code, where) => {
  const log = vi.fn()
  const pair = await linkedPair({ actors: probes, dispatcher: { log } })
  const actor = where === 'here' ? await pair.near.spawn(probes.Probe) : await pair.peer.spawn('Probe')
  const controller = new AbortController()
  const bounds = code === 'timeout' ? { timeout: 20 } : { signal: controller.signal }
  const steps = ask(actor, bounds).endless()[Symbol.asyncIterator]()
  expect((await steps.next()).value).toBe(1)
  const given = outcome(steps.next())
  await actor.add(1, 1)
  controller.abort()
  expect(await given).toMatchObject({ code, ran: 'maybe' })
  expect(await outcome(steps.next())).toMatchObject({ code, ran: 'maybe' })
  await vi.waitFor(async () => expect(await actor.ended()).toBe(1))
  expect(log).not.toHaveBeenCalled()
  await pair.close()
})

test('a stream that has run says so when it is read on after its link ended', async () => {
  const steps = probe.endless()[Symbol.asyncIterator]()
  expect((await steps.next()).value).toBe(1)
  await realms.peer.close()
  expect(await outcome(steps.next())).toMatchObject({ code: 'unknown', ran: 'maybe' })
})

test('a signal that fires behind the end of a stream says nothing', async () => {
  const controller = new AbortController()
  const all: number[] = []
  for await (const n of ask(probe, { signal: controller.signal }).count(3)) all.push(n)
  controller.abort()
  expect(all).toEqual([1, 2, 3])
  expect(await probe.ended()).toBe(1)
})

test('a stream that is being written to may be handed to the same peer again', async () => {
  const written: unknown[] = []
  const sink = new WritableStream({ write: (chunk) => void written.push(chunk) })
  class Keeper {
    #writer: WritableStreamDefaultWriter | undefined
    async write(stream: WritableStream, chunk: number): Promise<void> {
      await (this.#writer ??= stream.getWriter()).write(chunk)
    }
  }
  await realms.far.spawn(actor(Keeper), { name: 'keeper' })
  const keeper = (await realms.near.lookup<Keeper>('keeper'))!
  await keeper.write(sink, 1)
  await keeper.write(sink, 2)
  expect(written).toEqual([1, 2])
})

test('a stream of the platform that is read ahead fails where its link dies', async () => {
  const probe = await realms.peer.spawn('Probe')
  // Slots that are free now are taken last first: calls do not fail in the order in which they were made.
  await Promise.all(Array.from({ length: 10 }, () => probe.add(1, 1)))
  const reader = (await probe.readable(1_000)).getReader()
  expect(await reader.read()).toEqual({ done: false, value: 1 })
  const second = reader.read()
  while (realms.near.info().peers[0]!.pending < 10) await undefined
  void realms.peer.close()
  await expect(second).rejects.toMatchObject({ code: 'unknown' })
})

test("the error of a stream of the platform never says 'no', here and over a link", async () => {
  const refused = new ActorError('quota', 'another call was refused')
  const fail = (): never => {
    throw refused
  }
  class Streams extends Actor {
    readable(): ReadableStream {
      return new ReadableStream({ pull: fail })
    }
    async write(into: WritableStream): Promise<unknown> {
      return outcome(into.getWriter().write(1)).then((error) => (error as ActorError).ran)
    }
  }
  const here = await realms.far.spawn(Streams, { name: 'streams' })
  const there = (await realms.near.lookup<Streams>('streams'))!
  for (const streams of [here, there]) {
    const reader = (await streams.readable()).getReader()
    expect(await outcome(reader.read())).toMatchObject({ code: 'quota', ran: 'maybe' })
  }
  expect(await there.write(new WritableStream({ write: fail }))).toBe('maybe')
})

test.each([
  ['the default of the link', { trusted: false }, { limits: { deadline: 500 } }],
  ['the default of the dispatcher', {}, { deadline: 500 }],
])('a chunk has its time from when it is waited for: %s', async (_, ends, options) => {
  const clock = virtualClock()
  let controller!: ReadableStreamDefaultController<number>
  class Slow {
    stream(): ReadableStream<number> {
      return new ReadableStream({ start: (given) => void (controller = given) })
    }
  }
  const slow = await linkedPair({ ...ends, actors: { Slow }, dispatcher: { ...options, env: clock } })
  const reader = (await (await slow.peer.spawn('Slow')).stream()).getReader()
  for (let n = 0; n < 20; n++) {
    const reading = reader.read()
    await clock.advance(400)
    controller.enqueue(n)
    await clock.advance(1)
    expect(await reading).toEqual({ done: false, value: n })
  }
  // Nobody waits for one meanwhile.
  await clock.advance(600)
  const last = outcome(reader.read())
  await clock.advance(600)
  expect(await last).toMatchObject({ code: 'timeout', ran: 'maybe' })
  const closing = slow.close()
  await clock.advance(10_000)
  await closing
  expect(clock.timers).toBe(0)
})

describe.each([
  ['trusted', {}],
  ['untrusted', { trusted: false }],
])('the end of a ReadableStream over a %s link is known to one who does not read on', (_, ends) => {
  class Source {
    two(): ReadableStream<number> {
      return new ReadableStream({
        start(controller) {
          for (const n of [1, 2]) controller.enqueue(n)
          controller.close()
        },
      })
    }
    idle(): ReadableStream<number> {
      return new ReadableStream({ start: (controller) => controller.enqueue(1) })
    }
  }

  test('once all chunks were read', async () => {
    await using pair = await linked()
    const reader = (await pair.source.two()).getReader()
    expect([await reader.read(), await reader.read()]).toEqual([1, 2].map((value) => ({ done: false, value })))
    expect(await reader.closed).toBeUndefined()
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })

  test('when the link ends', async () => {
    await using pair = await linked()
    const reader = (await pair.source.idle()).getReader()
    await reader.read()
    await pair.far.close()
    expect(await outcome(reader.closed)).toBeInstanceOf(ActorError)
  })

  test('which cancels it', async () => {
    await using pair = await linked()
    const reader = (await pair.source.two()).getReader()
    await reader.read()
    await reader.cancel('enough')
    expect(await reader.closed).toBeUndefined()
    await vi.waitFor(() => expect(held(pair.far)).toBe(1))
  })

  test('unless he drops it, and it is collected', async () => {
    await using pair = await linked()
    await (async () => void (await pair.source.idle()))()
    expect(held(pair.far)).toBe(2)
    await collectUntil(async () => (await outcome(pair.peer.names())) !== undefined && held(pair.far) === 1)
  })

  async function linked() {
    const pair = await linkedPair({ ...ends, actors: { Source } })
    return Object.assign(pair, {
      source: await pair.peer.spawn('Source'),
      [Symbol.asyncDispose]: () => pair.close(),
    })
  }
})
