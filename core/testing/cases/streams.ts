import { ActorError } from '../../ground/errors.js'
import { ask, kill, stop } from '../../proxy/verbs.js'
import { collector, numbers, unsendable } from '../conduit.js'
import { alike, assert, equal, rejects, thrown } from '../expect.js'
import type { Case } from './case.js'

declare const AbortController: new () => { readonly signal: AbortSignal; abort(reason?: unknown): void }

/** The stream that a call brings, to be read step by step. */
const stepsOf = async <T>(stream: AsyncIterable<T>): Promise<AsyncIterator<T>> =>
  (await (stream as unknown as Promise<AsyncIterable<T>>))[Symbol.asyncIterator]()

/** Generators, and streams of the platform. */
export const streams: readonly Case[] = [
  [
    'streams a generator, and break and abort run its finally',
    async ({ probe }) => {
      const all: number[] = []
      for await (const n of probe.count(5)) all.push(n)
      alike(all, [1, 2, 3, 4, 5])
      equal(await probe.ended(), 1)
      for await (const n of probe.count(1_000_000)) if (n === 3) break
      equal(await probe.ended(), 2)
      const controller = new AbortController()
      const until = ask(probe, { signal: controller.signal })
      const given: number[] = []
      const gaveUp = rejects(
        (async () => {
          for await (const n of until.count(1_000_000)) if (given.push(n) === 2) controller.abort()
        })(),
        'aborted',
      )
      await gaveUp
      alike(given, [1, 2])
      equal(await probe.ended(), 3, 'abort runs its finally, too')
      const seen: number[] = []
      const failed = await thrown(
        (async () => {
          for await (const n of probe.failing()) seen.push(n)
        })(),
      )
      assert(failed instanceof RangeError && seen.length === 1, 'an error arrives in its place')
      assert(
        (await thrown(
          (async () => {
            for await (const _ of probe.add(1, 1) as unknown as AsyncIterable<never>);
          })(),
        )) instanceof TypeError,
        'what is no stream says so',
      )
    },
  ],
  [
    'handles other messages while a generator waits',
    async ({ probe }) => {
      const steps = await stepsOf(probe.posts())
      const others = await stepsOf(probe.count(3))
      for (let n = 1; n <= 3; n++) {
        const next = steps.next()
        equal((await others.next()).value, n)
        await probe.post(n)
        equal((await next).value, n)
      }
      await steps.return!()
      equal(await probe.ended(), 1)
    },
  ],
  [
    'ends a generator that waits when its reader leaves or aborts',
    async ({ probe }) => {
      const left = await stepsOf(probe.posts())
      const asked = [left.next(), left.next()]
      alike(await left.return!(), { done: true })
      alike(await Promise.all(asked), [{ done: true }, { done: true }])
      equal(await probe.ended(), 1)

      const controller = new AbortController()
      const given = await stepsOf(ask(probe, { signal: controller.signal }).posts())
      const next = given.next()
      await probe.add(1, 1)
      controller.abort()
      equal((await rejects(next, 'aborted')).ran, 'maybe')
      while ((await probe.ended()) < 2);

      const deaf = await stepsOf(probe.silent())
      const never = deaf.next()
      await probe.add(1, 1)
      alike(await deaf.return!(), { done: true })
      alike(await never, { done: true })
      equal(await probe.add(1, 1), 2)
    },
  ],
  [
    'carries streams of the platform both ways, to their end or to where they are given up',
    async ({ probe }) => {
      const readable = await probe.readable(1_000)
      const reader = readable.getReader()
      for (let n = 1; n <= 1_000; n++) equal((await reader.read()).value, n)
      equal((await reader.read()).done, true)
      equal(await probe.total(numbers(1_000)), 500_500)
      const cut = (await probe.readable(1_000_000)).getReader()
      equal((await cut.read()).value, 1)
      await cut.cancel('enough')
      alike(await probe.events(), ['closed', 'cancelled: enough'])

      const poured: unknown[] = []
      await probe.pour(collector(poured), 200)
      equal(poured.length, 201)
      alike(poured.slice(-2), [200, 'closed'])
      const writer = (await probe.writable()).getWriter()
      await writer.write({ a: [1] })
      await writer.write('two')
      await writer.abort(new RangeError('no more'))
      alike((await probe.events()).slice(2), [{ a: [1] }, 'two', 'aborted: no more'])
      equal(await probe.add(1, 1), 2)
    },
  ],
  [
    'ends the source of a stream when a chunk cannot be sent',
    async ({ probe }) => {
      const generator = probe.spoiled()
      const seen: unknown[] = []
      const read = async (stream: AsyncIterable<unknown>): Promise<void> => {
        for await (const item of stream) seen.push(item)
      }
      await rejects(read(generator), 'uncloneable')
      while ((await probe.ended()) < 1);
      const reader = (await probe.unsendables()).getReader()
      equal((await reader.read()).value, 1)
      await rejects(reader.read(), 'uncloneable')
      while ((await probe.events()).length < 1);
      const writer = (await probe.writable()).getWriter()
      writer.closed.catch(() => {})
      await writer.write(2)
      await rejects(writer.write(Symbol('chunk')), 'uncloneable')
      while ((await probe.events()).length < 3);
      alike(seen, [1])
      const events = await probe.events()
      alike(events.slice(0, 2), ['cancelled', 2])
      assert(String(events[2]).startsWith('aborted: '), 'the sink is aborted')

      const mine: unknown[] = []
      async function* given(): AsyncGenerator<unknown, void, undefined> {
        try {
          yield 1
          yield Symbol('item')
        } finally {
          mine.push('ended')
        }
      }
      const met = [
        await probe.read(given()),
        await probe.read(unsendable((event) => mine.push(event)) as unknown as AsyncIterable<unknown>),
        await probe.spoil(collector(mine)),
      ]
      for (const error of met) assert(error instanceof ActorError && error.code === 'uncloneable', 'the reader is told')
      while (mine.length < 4) await probe.add(1, 1)
      alike(mine.slice(0, 3), ['ended', 'cancelled', 1])
      assert(String(mine[3]).startsWith('aborted: '), 'a sink that was given is aborted')
      // What was asked of these streams is answered before this is.
      equal(await probe.add(1, 1), 2, 'the actor goes on')
    },
  ],
  [
    'ends a stream of the platform with the signal of the call that brought it',
    async ({ probe }) => {
      const controller = new AbortController()
      const given = ask(probe, { signal: controller.signal })
      const whole = (await given.readable(3)).getReader()
      for (let n = 1; n <= 3; n++) equal((await whole.read()).value, n)
      equal((await whole.read()).done, true)
      const cut = (await given.readable(1_000_000)).getReader()
      equal((await cut.read()).value, 1)
      controller.abort()
      await rejects(
        (async () => {
          while (!(await cut.read()).done);
        })(),
        'aborted',
      )
      let events = await probe.events()
      while (events.length < 2) events = await probe.events()
      alike([events[0], String(events[1]).startsWith('cancelled: ActorError')], ['closed', true])
      equal(await probe.add(1, 1), 2, 'the actor goes on')
    },
  ],
  [
    'bounds each read of a stream of the platform by the timeout of the call that brought it',
    async ({ probe }) => {
      const bounded = ask(probe, { timeout: 200 })
      const whole = (await bounded.readable(3)).getReader()
      for (let n = 1; n <= 3; n++) equal((await whole.read()).value, n)
      equal((await whole.read()).done, true)
      const reader = (await bounded.idle()).getReader()
      equal((await rejects(reader.read(), 'timeout')).ran, 'maybe')
      await rejects(reader.read(), 'timeout')
      let events = await probe.events()
      while (events.length < 2) events = await probe.events()
      assert(String(events[1]).startsWith('cancelled: ActorError'), 'its source is told')
      // The answers to what was read ahead come before this one.
      await probe.add(1, 1)
    },
  ],
  [
    'ends a stream of the platform with its actor',
    async ({ peer, probe: other }) => {
      for (const end of [stop, kill]) {
        const probe = await peer.spawn('Probe')
        const idle = (await probe.idle()).getReader()
        const begun = (await probe.readable(1_000_000)).getReader()
        equal((await begun.read()).value, 1)
        const read = rejects(idle.read(), 'stopped')
        await probe.add(1, 1)
        await end(probe)
        equal((await read).ran, 'maybe')
        await rejects(
          (async () => {
            while (!(await begun.read()).done);
          })(),
          'stopped',
        )
        // The answers to what was asked for ahead come before this one.
        await other.add(1, 1)
      }
    },
  ],
]
