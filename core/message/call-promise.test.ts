import { afterEach, expect, test, vi } from 'vitest'
import {
  Actor,
  ask,
  Dispatcher,
  info,
  kill,
  type LogEntry,
  type Peer,
  ping,
  type Proxy,
  read,
  resume,
  stop,
  suspend,
  write,
} from '../index.js'
import { type LinkedPair, linkedPair, type LinkedPairOptions, virtualClock } from '../testing/index.js'
import { bytes } from '../wire/bytes.js'

type Listener = (value: number) => unknown
interface Screen {
  show(value: number): Promise<void>
}

/** Calls what it keeps as event code does: without awaiting it. */
class Feed extends Actor {
  readonly #listeners: Listener[] = []
  readonly #screens: Proxy<Screen>[] = []
  subscribe(listener: Listener): void {
    this.#listeners.push(listener)
  }
  add(screen: Proxy<Screen>): void {
    this.#screens.push(screen)
  }
  publish(value: number): string {
    for (const listener of this.#listeners) void listener(value)
    for (const screen of this.#screens) void screen.show(value)
    return 'published'
  }
  async publishAndWait(value: number): Promise<void> {
    const { signal } = this.context
    this.publish(value)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }
  async gather(value: number, how: (promise: Promise<unknown>) => unknown = (promise) => promise): Promise<unknown> {
    return how(this.#listeners[0]!(value) as Promise<unknown>)
  }
}

class Broken extends Actor implements Screen {
  async show(): Promise<void> {
    await undefined
    throw new TypeError('the screen is broken')
  }
}

const untrusted = { codec: bytes, payload: 'bytes', trusted: false } as const
let realms: LinkedPair<{ Feed: typeof Feed }>
let entries: LogEntry[]

async function open(options: LinkedPairOptions<{ Feed: typeof Feed }> = {}): Promise<Proxy<Feed>> {
  const mine: LogEntry[] = (entries = [])
  realms = await linkedPair({ ...options, actors: { Feed }, dispatcher: { log: (entry) => void mine.push(entry) } })
  return realms.far.spawn(Feed, { name: 'feed' })
}
afterEach(() => realms.close())

const remote = async (): Promise<Proxy<Feed>> => (await realms.near.lookup<Feed>('feed'))!
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

test.each([{}, untrusted])(
  'a function whose realm is gone is a dead letter, and its caller goes on',
  async (options) => {
    const feed = await open(options)
    await (await remote()).subscribe(() => {})
    await realms.peer.close()
    expect(await feed.publish(1)).toBe('published')
    await vi.waitFor(() => expect(realms.far.info().deadLetters).toBe(1))
    expect(entries.map(({ text }) => text)).toEqual([expect.stringContaining('dead letter')])
    expect(await feed.publish(2)).toBe('published')
  },
)

test.each([{}, untrusted])('the error of a function whose result is not used is logged', async (options) => {
  await open(options)
  const feed = await remote()
  await feed.subscribe(() => {
    throw new TypeError('a bug in the listener')
  })
  expect(await feed.publish(1)).toBe('published')
  await vi.waitFor(() => expect(entries).toHaveLength(1))
  expect(entries[0]).toMatchObject({ level: 'error', error: { name: 'TypeError', message: 'a bug in the listener' } })
})

test.each([{}, untrusted])('the error of an actor elsewhere whose result is not used is logged', async (options) => {
  await open(options)
  const feed = await remote()
  await feed.add(await realms.near.spawn(Broken))
  expect(await feed.publish(1)).toBe('published')
  await vi.waitFor(() => expect(entries).toHaveLength(1))
  expect(entries[0]).toMatchObject({ error: { message: 'the screen is broken' } })
})

test('a function whose result is not used is not logged when the caller aborts the call that calls it', async () => {
  await open()
  const feed = await remote()
  const controller = new AbortController()
  await feed.subscribe(() => new Promise(() => {}))
  const waits = ask(feed, controller).publishAndWait(1)
  await turn()
  controller.abort()
  await expect(waits).rejects.toMatchObject({ code: 'aborted' })
  await turn()
  expect(entries).toEqual([])
})

test('a call of a stopped actor whose result is not used is a dead letter', async () => {
  const feed = await open()
  const screen = await realms.far.spawn(Broken)
  await feed.add(screen)
  await stop(screen)
  expect(await feed.publish(1)).toBe('published')
  await vi.waitFor(() => expect(realms.far.info().deadLetters).toBe(1))
})

test('an error that the caller handles is not logged', async () => {
  await open()
  const feed = await remote()
  let calls = 0
  await feed.subscribe(() => {
    calls++
    throw new TypeError('a bug in the listener')
  })
  await expect(feed.gather(1)).rejects.toThrow('a bug')
  const local = (await realms.far.lookup<Feed>('feed'))!
  const ways: ((promise: Promise<unknown>) => unknown)[] = [
    async (promise) => promise,
    (promise) => promise.catch(() => 'caught'),
    (promise) => promise.then(undefined, () => 'caught'),
    (promise) => promise.finally(() => {}),
    (promise) => Promise.all([promise, 1]),
    (promise) => Promise.allSettled([promise]),
    async (promise) => {
      try {
        return await promise
      } catch {
        return 'caught'
      }
    },
  ]
  for (const way of ways) await local.gather(1, way).catch(() => {})
  await turn()
  expect(calls).toBe(1 + ways.length)
  expect(entries).toEqual([])
})

test('the result of a function is a promise like any other', async () => {
  await open()
  const feed = await remote()
  await feed.subscribe((value) => value + 1)
  const local = (await realms.far.lookup<Feed>('feed'))!
  const kinds: unknown[] = []
  const result = await local.gather(1, (promise) => {
    kinds.push(promise instanceof Promise, promise.then(() => {}) instanceof Promise)
    return promise
  })
  expect(result).toBe(2)
  expect(kinds).toEqual([true, true])
})

test("an actor's call in one realm that fails later, and whose result is not used, is logged", async () => {
  await open()
  const screen = await realms.far.spawn(Broken)
  const feed = (await realms.far.lookup<Feed>('feed'))!
  await feed.add(screen)
  expect(await feed.publish(1)).toBe('published')
  expect(await feed.publish(2)).toBe('published')
  await vi.waitFor(() => expect(entries).toHaveLength(2))
  for (const { error } of entries) expect(error).toMatchObject({ message: 'the screen is broken' })
})

test.each([{}, untrusted])(
  'a call over a link from outside of a handler is logged if it fails unused',
  async (options) => {
    await open(options)
    const mine = entries
    const broken = await realms.far.spawn(Broken, { name: 'broken' })
    const there = (await realms.near.lookup<Broken>('broken'))!
    void there.show()
    await vi.waitFor(() => expect(mine).toHaveLength(1))
    expect(mine[0]).toMatchObject({ level: 'error', error: { message: 'the screen is broken' } })
    // Of a call in one realm, from outside of a handler, the caller hears as of any function.
    await expect(broken.show()).rejects.toThrow('the screen is broken')
    expect(mine).toHaveLength(1)
  },
)

test('calls that are pending when a dispatcher closes, and that no code uses, are logged', async () => {
  class Busy extends Actor {
    async never(): Promise<void> {
      await new Promise(() => {})
    }
  }
  await open()
  await realms.far.spawn(Busy, { name: 'busy' })
  void (await realms.near.lookup<Busy>('busy'))!.never()
  await realms.near.close({ mode: 'kill' })
  await realms.far.close({ mode: 'kill' })
  await vi.waitFor(() => expect(entries).toHaveLength(1))
  expect(entries[0]!.level).toBe('error')
})

test('code that waits for a failed call later gets its error', async () => {
  await open()
  await realms.far.spawn(Broken, { name: 'broken' })
  const call = (await realms.near.lookup<Broken>('broken'))!.show()
  await vi.waitFor(() => expect(entries).toHaveLength(1))
  await expect(call).rejects.toThrow('the screen is broken')
})

test('a call on the result of a promise is logged if it fails unused', async () => {
  await open()
  void ask(realms.far.spawn(Broken)).show()
  await vi.waitFor(() => expect(entries).toHaveLength(1))
  const print = vi.spyOn(console, 'error').mockImplementation(() => {})
  void ask(Promise.reject<Proxy<Broken>>(new Error('it was not made'))).show()
  await vi.waitFor(() => expect(print).toHaveBeenCalledOnce())
  expect(print.mock.calls[0]![1]).toMatchObject({ code: 'unreachable', cause: { message: 'it was not made' } })
  print.mockRestore()
  const used = ask(Promise.reject<Proxy<Broken>>(new Error('it was not made'))).show()
  await expect(used).rejects.toMatchObject({ code: 'unreachable' })
  expect(entries).toHaveLength(1)
})

test('a failed call is logged though the time of a virtual clock stands still, and leaves no timer', async () => {
  const clock = virtualClock()
  const mine: LogEntry[] = []
  await using dispatcher = new Dispatcher({ env: clock, log: (entry) => void mine.push(entry) })
  const before = clock.timers
  void ask(dispatcher.spawn(Broken)).show()
  await vi.waitFor(() => expect(mine).toHaveLength(1))
  expect(clock.timers).toBe(before)
})

class Show extends Actor {
  static exposed = ['title', 'play']
  title = 'one'
  async *play(): AsyncGenerator<number> {
    yield 1
    await new Promise(() => {})
  }
}
interface There {
  readonly show: Proxy<Show>
  readonly peer: Peer<{ Feed: typeof Feed }>
  /** A stream that is being read. */
  readonly steps: AsyncIterator<number>
}
const play = (show: Proxy<Show>): AsyncIterator<number> => show.play()[Symbol.asyncIterator]()
const uses: Record<string, (there: There) => unknown> = {
  read: ({ show }) => read(show, 'title'),
  write: ({ show }) => write(show, 'title', 'two'),
  stop: ({ show }) => stop(show),
  kill: ({ show }) => kill(show),
  suspend: ({ show }) => suspend(show),
  resume: ({ show }) => resume(show),
  ping: ({ show }) => ping(show),
  info: ({ show }) => info(show),
  'spawn of a peer': ({ peer }) => peer.spawn('Feed'),
  'lookup of a peer': ({ peer }) => peer.lookup('show'),
  'names of a peer': ({ peer }) => peer.names(),
  'run of a peer': ({ peer }) => peer.run('sum'),
  'info of a peer': ({ peer }) => peer.info(),
  'ask of what a peer spawns': ({ peer }) => ask(peer.spawn('Feed')).publish(1),
  'the first step of a stream': ({ show }) => play(show).next(),
  'leaving a stream that was not read': ({ show }) => play(show).return!(),
  'a step of a stream': ({ steps }) => steps.next(),
  'leaving a stream': ({ steps }) => steps.return!(),
}

test.each(
  Object.entries(uses).flatMap(([name, use]) => ['has ended', 'ends'].map((when) => [name, when, use] as const)),
)('%s is logged if its promise is not used and the link %s', async (_, when, use) => {
  await open()
  const mine = entries
  await realms.far.spawn(Show, { name: 'show' })
  const show = (await realms.near.lookup<Show>('show'))!
  const steps = play(show)
  await steps.next()
  const isOver = when === 'has ended'
  if (isOver) await realms.peer.close()
  void use({ show, peer: realms.peer, steps })
  if (!isOver) await realms.peer.close()
  await vi.waitFor(() => expect(mine).toHaveLength(1))
  expect(mine[0]!.error).toMatchObject({ code: expect.stringMatching(/unreachable|unknown/) })
})

test('a step of a stream in one realm is logged if it fails unused', async () => {
  class Reader extends Actor {
    #steps: AsyncIterator<number> | undefined
    async begin(show: Proxy<Show>): Promise<void> {
      this.#steps = play(show)
      await this.#steps.next()
    }
    leap(): void {
      void this.#steps!.next()
    }
  }
  await open()
  const [reader, show] = [await realms.far.spawn(Reader), await realms.far.spawn(Show)]
  await reader.begin(show)
  await reader.leap()
  await stop(show, { mode: 'now' })
  await vi.waitFor(() => expect(entries).toHaveLength(1))
  await reader.leap()
  await vi.waitFor(() => expect(entries).toHaveLength(2))
})
