import { afterEach, describe, expect, test, vi } from 'vitest'
import { Actor, type ActorError, ask, Dispatcher, info, kill, type Proxy, stop } from '../index.js'
import { linkedPair, virtualClock } from '../testing/index.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
const stepsOf = <T>(stream: AsyncIterable<T>): AsyncIterator<T> => stream[Symbol.asyncIterator]()

let pages: string[] = []

class Source extends Actor {
  /** Ends each step once `ms` have passed on the clock of the test, or when it is given up. */
  async *ticks(ms: number): AsyncGenerator<number, void, undefined> {
    const { signal } = this.context
    try {
      for (let n = 1; ; n++) {
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve())
          clock.setTimer(resolve, ms)
        })
        yield n
      }
    } finally {
      pages.push('finally')
    }
  }
  async *count(): AsyncGenerator<number, void, undefined> {
    try {
      for (let n = 1; ; n++) yield n
    } finally {
      pages.push('finally')
    }
  }
  *plain(): Generator<number, void, undefined> {
    try {
      for (let n = 1; ; n++) yield n
    } finally {
      pages.push('finally')
    }
  }
  async *deaf(): AsyncGenerator<number, void, undefined> {
    yield 1
    await new Promise(() => {})
  }
  async *begins(): AsyncGenerator<number, void, undefined> {
    pages.push('began')
    yield 1
  }
  hi(): string {
    return 'hi'
  }
  override onStop(): void {
    pages.push('onStop')
  }
}

class Reader extends Actor {
  constructor(readonly source: Proxy<Source>) {
    super()
  }
  async read(): Promise<void> {
    for await (const n of this.context.ask(this.source).ticks(10)) pages.push(String(n))
  }
  async *relay(): AsyncGenerator<number, void, undefined> {
    yield* this.context.ask(this.source).count() as AsyncIterable<number>
  }
  async *relayTicks(): AsyncGenerator<number, void, undefined> {
    yield* this.context.ask(this.source).ticks(300) as AsyncIterable<number>
  }
  async handOn(): Promise<AsyncIterable<number>> {
    return this.context.ask(this.source).count() as Promise<AsyncIterable<number>> & AsyncIterable<number>
  }
  hi(): string {
    return 'hi'
  }
}

let clock = virtualClock()

/** A source in this realm or behind a link. */
async function realms(where: string, options: { deadline?: number } = {}) {
  pages = []
  clock = virtualClock()
  const { near, far, peer, close } = await linkedPair({
    actors: { Source },
    dispatcher: { env: clock, log: () => {}, ...options },
  })
  const source: Proxy<Source> = where === 'here' ? await near.spawn(Source) : await peer.spawn('Source')
  return { near, far, source, [Symbol.asyncDispose]: () => close({ mode: 'kill' }) }
}

test('a stream that is left while it waits leaves no deadline to calls that come after it', async () => {
  await using r = await realms('there')
  class Timed extends Actor {
    left(): number {
      return this.context.deadline
    }
  }
  const timed = await r.far.spawn(Timed)
  const steps = stepsOf(ask(r.source, { timeout: 60 }).ticks(50))
  void steps.next()
  await clock.advance(10)
  await steps.return!()
  await clock.advance(10)
  expect(pages).toEqual(['finally'])
  expect(await timed.left()).toBe(Infinity)
})

describe.each(['here', 'there'])('a deadline bounds each step of a stream %s', (where) => {
  test('that came from a call with a timeout', async () => {
    await using r = await realms(where)
    const steps = stepsOf(ask(r.source, { timeout: 60 }).ticks(50))
    for (let n = 1; n <= 5; n++) {
      const step = steps.next()
      await clock.advance(50)
      expect((await step).value).toBe(n)
    }
    expect(pages).toEqual([])
    const slow = stepsOf(ask(r.source, { timeout: 60 }).ticks(300))
    const late = outcome(slow.next())
    await clock.advance(100)
    expect(await late).toMatchObject({ code: 'timeout' })
    expect(await outcome(slow.next())).toMatchObject({ code: 'timeout' })
    expect(await r.source.hi()).toBe('hi')
    expect(pages).toEqual(['finally'])
    await steps.return!()
  })

  test('that came from a realm with a deadline', async () => {
    await using r = await realms(where, { deadline: 60 })
    const late = outcome(stepsOf(r.source.ticks(300)).next())
    await clock.advance(100)
    expect(await late).toMatchObject({ code: 'timeout' })
    expect(await r.source.hi()).toBe('hi')
    expect(pages).toEqual(['finally'])
  })

  test.each(['aborted', 'timeout'])('and a handler that reads it is released when it is given up: %s', async (how) => {
    await using r = await realms(where)
    const reader = await r.near.spawn(Reader, { args: [r.source] })
    const controller = new AbortController()
    const bounds = how === 'aborted' ? { signal: controller.signal } : { timeout: 35 }
    const reading = outcome(ask(reader, bounds).read())
    await clock.advance(32)
    controller.abort()
    await clock.advance(32)
    expect(await reading).toMatchObject({ code: how })
    expect(pages).toEqual(['1', '2', '3', 'finally'])
    expect(await reader.hi()).toBe('hi')
    expect(await r.source.hi()).toBe('hi')
  })

  test('and one that a generator reads is given up with it', async () => {
    await using r = await realms(where)
    const reader = await r.near.spawn(Reader, { args: [r.source] })
    const late = outcome(stepsOf(ask(reader, { timeout: 60 }).relayTicks()).next())
    await clock.advance(100)
    expect(await late).toMatchObject({ code: 'timeout' })
    expect(await r.source.hi()).toBe('hi')
    expect(await reader.hi()).toBe('hi')
    expect(pages).toEqual(['finally'])
  })

  test('and one that a handler hands on outlives the call that brought it', async () => {
    await using r = await realms(where)
    const reader = await r.near.spawn(Reader, { args: [r.source] })
    const steps = stepsOf(await ask(reader, { timeout: 60 }).handOn())
    await clock.advance(500)
    expect((await steps.next()).value).toBe(1)
    await steps.return!()
    const relayed = stepsOf(ask(reader, { timeout: 60 }).relay())
    for (let n = 1; n <= 3; n++) {
      expect((await relayed.next()).value).toBe(n)
      await clock.advance(50)
    }
    await relayed.return!()
    await vi.waitFor(() => expect(pages).toEqual(['finally', 'finally']))
  })
})

describe.each(['here', 'there'])('a stream %s ends with its actor', (where) => {
  test.each(['count', 'plain'] as const)('that stops: %s runs its finally first', async (method) => {
    await using r = await realms(where)
    const steps = stepsOf<number>(r.source[method]())
    expect((await steps.next()).value).toBe(1)
    await stop(r.source)
    expect(pages).toEqual(['finally', 'onStop'])
    expect(await outcome(steps.next())).toMatchObject({ code: 'stopped' })
    expect(await steps.return!()).toMatchObject({ done: true })
  })

  test('also under a reader that breaks then', async () => {
    await using r = await realms(where)
    for await (const n of r.source.count()) {
      expect(n).toBe(1)
      const stopping = stop(r.source)
      if (where === 'here') void outcome(stopping)
      else await stopping
      break
    }
    await vi.waitFor(() => expect(pages).toEqual(['finally', 'onStop']))
  })

  test('that is killed while it runs a step', async () => {
    await using r = await realms(where)
    const steps = stepsOf(r.source.ticks(10_000))
    const pending = outcome(steps.next())
    await clock.advance(1)
    await kill(r.source)
    expect(await pending).toMatchObject({ code: 'stopped' })
    await vi.waitFor(() => expect(pages).toEqual(['finally']))
    expect(await steps.return!()).toMatchObject({ done: true })
  })
})

test('a restart ends the streams of the instance that goes, and waits for none that is deaf', async () => {
  pages = []
  const dispatcher = new Dispatcher({ log: () => {} })
  const source = await dispatcher.spawn(Source, { restart: 'transient' })
  const steps = stepsOf(source.count())
  await steps.next()
  const deaf = stepsOf(source.deaf())
  await deaf.next()
  const pending = outcome(deaf.next())
  await vi.waitFor(async () => expect(await info(source)).toMatchObject({ handled: 4 }))
  await kill(source)
  expect(await source.hi()).toBe('hi')
  expect(pages).toEqual(['finally'])
  expect(await pending).toMatchObject({ code: 'stopped' })
  expect(await outcome(steps.next())).toMatchObject({ code: 'stopped' })
  expect(await info(source)).toMatchObject({ restarts: 1 })
  expect(await steps.return!()).toMatchObject({ done: true })
  await dispatcher.close()
})

describe.each(['here', 'there'])('a generator %s that throws', (where) => {
  class Failing extends Source {
    async *rows(): AsyncGenerator<number, void, undefined> {
      yield 1
      await undefined
      throw new Error('no more rows')
    }
    *plainRows(): Generator<number, void, undefined> {
      yield 1
      throw new Error('no more rows')
    }
  }

  test.each([
    { retries: 1 },
    { retries: 1, decide: () => 'resume' as const },
    { retries: 1, restart: 'transient' as const },
    { restart: 'transient' as const },
    { restart: 'temporary' as const },
  ])('gives the error to its reader, and its end to the readers of others: %o', async (options) => {
    pages = []
    await using pair = await linkedPair({ dispatcher: { log: () => {} } }).then((made) => ({
      ...made,
      [Symbol.asyncDispose]: () => made.close(),
    }))
    const letters: unknown[] = []
    pair.far.on('dead-letter', (letter) => letters.push(letter))
    for (const method of ['rows', 'plainRows'] as const) {
      const owner = await pair.far.spawn(Failing, { name: method, ...options })
      const source = where === 'here' ? owner : (await pair.near.lookup<Failing>(method))!
      const other = stepsOf(source.count())
      expect((await other.next()).value).toBe(1)
      const got: unknown[] = []
      const reading = (async () => {
        for await (const row of source[method]()) got.push(row)
      })()
      expect(await outcome(reading)).toMatchObject({ message: 'no more rows' })
      expect(got).toEqual([1])
      const goesOn = !('restart' in options)
      const next = await outcome(goesOn ? source.hi() : read(other))
      expect(goesOn ? next : (next as ActorError).code).toBe(goesOn ? 'hi' : 'stopped')
      await other.return!()
    }
    expect(letters).toEqual([])
  })

  /** Reads until it fails. */
  async function read(steps: AsyncIterator<number>): Promise<void> {
    while (!(await steps.next()).done);
  }
})

describe.each(['here', 'there'])('a stream of the platform %s', (where) => {
  class Pipe extends Actor {
    readonly kept = this.idle()
    idle(): ReadableStream<number> {
      return new ReadableStream({ cancel: (reason) => void pages.push((reason as ActorError).code) })
    }
    again(): ReadableStream<number> {
      return this.kept
    }
    back<T>(stream: ReadableStream<T>): ReadableStream<T> {
      return stream
    }
  }

  test('ends with the instance that returned it, and its source is told', async () => {
    pages = []
    await using pair = await linkedPair({ actors: { Pipe }, dispatcher: { log: () => {} } }).then((made) => ({
      ...made,
      [Symbol.asyncDispose]: () => made.close(),
    }))
    const options = { restart: 'transient' } as const
    const pipe = where === 'here' ? await pair.near.spawn(Pipe, options) : await pair.peer.spawn('Pipe', options)
    for (const end of [kill, stop]) {
      const reading = outcome((await pipe.idle()).getReader().read())
      await info(pipe)
      await end(pipe)
      expect(await reading).toMatchObject({ code: 'stopped', ran: 'maybe' })
    }
    await vi.waitFor(() => expect(pages).toEqual(['stopped', 'stopped']))
  })

  test('is the same one each time that it is returned, and one that came with the call goes back as itself', async () => {
    await using pair = await linkedPair({ actors: { Pipe } }).then((made) => ({
      ...made,
      [Symbol.asyncDispose]: () => made.close(),
    }))
    const pipe = where === 'here' ? await pair.near.spawn(Pipe) : await pair.peer.spawn('Pipe')
    expect(await pipe.again()).toBe(await pipe.again())
    const own = new ReadableStream<number>()
    expect(await pipe.back(own)).toBe(own)
    expect(own.locked).toBe(false)
  })
})

test.each(['here', 'there'])('a stream %s that is left before it began never begins', async (where) => {
  await using r = await realms(where)
  const steps = stepsOf(await (r.source.begins() as unknown as Promise<AsyncIterable<number>>))
  expect(await steps.return!()).toMatchObject({ done: true })
  expect(await steps.next()).toEqual({ done: true, value: undefined })
  expect(await r.source.hi()).toBe('hi')
  expect(pages).toEqual([])
})

class Hub extends Actor {
  static readonly concurrency: number = 1
  #wake: (() => void)[] = []
  running = 0
  most = 0
  async *waits(): AsyncGenerator<string, void, undefined> {
    try {
      await this.#event()
      yield 'one'
      await this.#event()
      yield 'two'
    } finally {
      pages.push('finally')
    }
  }
  async *asks(source: Proxy<Hub>): AsyncGenerator<unknown, void, undefined> {
    const { context } = this
    for (;;) {
      await this.#event()
      yield await context.ask(source).left()
    }
  }
  async *deaf(): AsyncGenerator<void, void, undefined> {
    await new Promise(() => {})
    yield
  }
  async *cleansUp(): AsyncGenerator<void, void, undefined> {
    try {
      await this.#event()
      yield
    } finally {
      for (let turn = 0; turn < 100; turn++) await undefined
      pages.push('finally')
    }
  }
  async *fails(): AsyncGenerator<void, void, undefined> {
    await this.#event()
    if (this.running < 0) yield
    throw new Error('the stream failed')
  }
  #event(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve)
      this.context.signal.addEventListener('abort', () => resolve())
    })
  }
  async *calls(other: Proxy<Hub>): AsyncGenerator<void, void, undefined> {
    await this.context
      .ask(other)
      .never()
      .catch((error: unknown) => pages.push((error as ActorError).code))
    yield
  }
  never(): Promise<void> {
    return new Promise(() => {})
  }
  wake(): number {
    const waiting = this.#wake
    this.#wake = []
    for (const resolve of waiting) resolve()
    return waiting.length
  }
  left(): number {
    return this.context.deadline
  }
  async slow(): Promise<void> {
    this.most = Math.max(this.most, ++this.running)
    await undefined
    await undefined
    this.running--
  }
  mostAtATime(): number {
    return this.most
  }
  override onStop(): void {
    pages.push('onStop')
  }
}

describe('while a step waits', () => {
  let dispatcher: Dispatcher
  let hub: Proxy<Hub>
  const open = async (options: object = {}): Promise<void> => {
    pages = []
    clock = virtualClock()
    dispatcher = new Dispatcher({ env: clock, log: (...about) => void pages.push(about.join(' ')) })
    hub = await dispatcher.spawn(Hub, options)
  }
  afterEach(() => dispatcher.close({ mode: 'kill' }))

  test('others are handled, one at a time', async () => {
    await open()
    const steps = stepsOf(hub.waits())
    const next = steps.next()
    await clock.advance(0)
    await Promise.all([hub.slow(), hub.slow(), hub.slow()])
    expect(await hub.mostAtATime()).toBe(1)
    await clock.advance(0)
    expect(await hub.wake()).toBe(1)
    expect(await next).toEqual({ done: false, value: 'one' })
  })

  test('a step that is asked for meanwhile comes behind it', async () => {
    await open()
    const steps = stepsOf(hub.waits())
    const asked = [steps.next(), steps.next(), steps.next()]
    await clock.advance(0)
    expect(await hub.wake()).toBe(1)
    expect((await asked[0])!.value).toBe('one')
    await clock.advance(0)
    expect(await hub.wake()).toBe(1)
    expect((await asked[1])!.value).toBe('two')
    expect((await asked[2])!.done).toBe(true)
    expect(pages).toEqual(['finally'])
  })

  test('the context that its generator took is of the step at hand', async () => {
    await open()
    const other = await dispatcher.spawn(Hub)
    const steps = stepsOf(ask(hub, { timeout: 80 }).asks(other))
    for (let n = 0; n < 3; n++) {
      const next = steps.next()
      await clock.advance(20)
      // A handler without a deadline is under way beside it.
      const beside = hub.slow()
      await hub.wake()
      expect((await next).value).toBe(60)
      await beside
      await clock.advance(70)
    }
    const last = outcome(steps.next())
    await clock.advance(100)
    expect(await last).toMatchObject({ code: 'timeout' })
  })

  test('its actor stops: the step fails, and finally comes before onStop', async () => {
    await open()
    const next = outcome(stepsOf(hub.cleansUp()).next())
    const deaf = outcome(stepsOf(hub.deaf()).next())
    await clock.advance(0)
    await stop(hub)
    expect(await next).toMatchObject({ code: 'stopped', ran: 'maybe' })
    expect(await deaf).toMatchObject({ code: 'stopped', ran: 'maybe' })
    expect(pages).toEqual(['finally', 'onStop'])
  })

  test.each(['at once', 'when it waits', 'while its actor is busy'])(
    'its reader may leave %s: the step is done, and finally runs',
    async (when) => {
      await open()
      const steps = stepsOf(hub.waits())
      const asked = [steps.next(), steps.next()]
      if (when !== 'at once') await clock.advance(0)
      if (when === 'while its actor is busy') void outcome(hub.never())
      await clock.advance(0)
      expect(await steps.return!('enough')).toEqual({ done: true, value: 'enough' })
      expect(await Promise.all(asked)).toEqual([
        { done: true, value: undefined },
        { done: true, value: undefined },
      ])
      await clock.advance(0)
      expect(pages).toEqual(['finally'])
      expect(await steps.next()).toEqual({ done: true, value: undefined })
      expect(await steps.return!()).toEqual({ done: true, value: undefined })
    },
  )

  test('its reader may leave it while it is deaf, and what it called is given up', async () => {
    await open()
    const other = await dispatcher.spawn(Hub)
    const deaf = stepsOf(hub.deaf())
    const calling = stepsOf(hub.calls(other))
    const asked = [deaf.next(), calling.next()]
    await clock.advance(0)
    expect(await Promise.all([deaf.return!(), calling.return!()])).toMatchObject([{ done: true }, { done: true }])
    expect(await Promise.all(asked)).toMatchObject([{ done: true }, { done: true }])
    await clock.advance(0)
    expect(pages).toEqual(['aborted'])
    expect(await hub.wake()).toBe(0)
  })

  test('its actor is restarted: what becomes of it later is no failure of the next instance', async () => {
    await open({ restart: 'transient' })
    const next = outcome(stepsOf(hub.fails()).next())
    await clock.advance(0)
    await kill(hub)
    expect(await next).toMatchObject({ code: 'stopped', ran: 'maybe' })
    await clock.advance(10)
    expect(await hub.wake()).toBe(0)
    expect(await info(hub)).toMatchObject({ restarts: 1, state: 'running' })
  })

  test('the mailbox of an actor of another concurrency has its places', async () => {
    class Two extends Hub {
      static override readonly concurrency = 2
    }
    await open()
    const two = await dispatcher.spawn(Two)
    const waiting = [stepsOf(two.waits()).next(), stepsOf(two.waits()).next(), stepsOf(two.waits()).next()]
    await clock.advance(0)
    await Promise.all([two.slow(), two.slow(), two.slow()])
    expect(await two.mostAtATime()).toBe(2)
    await two.wake()
    expect((await Promise.all(waiting)).map(({ value }) => value as unknown)).toEqual(['one', 'one', 'one'])
  })
})
