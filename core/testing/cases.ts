import type { Dispatcher } from '../dispatcher.js'
import { ActorError } from '../errors.js'
import type { Peer } from '../peer.js'
import type { Proxy } from '../proxy-types.js'
import { transfer } from '../transfer.js'
import { address, ask, read, same, stop, tell, write } from '../verbs.js'
import { canCollect, collectUntil } from './collect.js'
import { collector, numbers } from './conduit.js'
import { alike, assert, equal, rejects, thrown } from './expect.js'
import { Probe, type probes } from './probe.js'
import { platformSamples, samples } from './samples.js'
import type { Subject } from './subject.js'

declare const AbortController: new () => { readonly signal: AbortSignal; abort(reason?: unknown): void }
declare const console: { log(text: string): void }

/** A dispatcher linked with a far side, and an actor there. */
export interface Bench {
  readonly near: Dispatcher
  readonly subject: Subject
  readonly peer: Peer<typeof probes>
  readonly probe: Proxy<Probe>
}

export type Case = readonly [name: string, body: (bench: Bench) => Promise<void>]

/** What every transport must do for those who use it through proxies. */
export const cases: readonly Case[] = [
  [
    'opens, and says who is there',
    async ({ near, peer, probe }) => {
      equal(await probe.add(1, 2), 3)
      assert(peer.actors.includes('Probe'), 'it says what may be spawned')
      equal(address(probe).realm, peer.id)
      equal(address(probe).kind, 'Probe')
      equal(near.peers.length, 1)
    },
  ],
  [
    'starts messages in the order they were sent',
    async ({ probe }) => {
      const sent = Array.from({ length: 500 }, (_, n) => n)
      const asked: Promise<unknown>[] = []
      for (const n of sent) {
        if (n % 3 === 0) asked.push(probe.record(n))
        else tell(probe).record(n % 7 === 0 ? [n] : n)
      }
      await Promise.all(asked)
      equal((await probe.log()).flat().join(), sent.join())
    },
  ],
  [
    'never crosses 10,000 interleaved calls',
    async ({ probe }) => {
      const answers = await Promise.all(Array.from({ length: 10_000 }, (_, n) => probe.later(n)))
      answers.forEach((answer, n) => equal(answer, n))
    },
  ],
  [
    'carries large values',
    async ({ probe }) => {
      const text = 'é'.repeat(200_000)
      equal(await probe.echo(text), text)
      const numbers = Array.from({ length: 50_000 }, (_, n) => n * 1.5)
      alike(await probe.echo(numbers), numbers)
      const bytes = new Uint8Array(500_000).map((_, n) => n)
      const back = await probe.echo(bytes)
      assert(back.length === bytes.length && back.every((byte, n) => byte === bytes[n]), 'the same bytes')
    },
  ],
  [
    'carries every structured-clone type',
    async ({ probe }) => {
      for (const { name, make, check } of samples) {
        try {
          check(await probe.echo(make()))
          check((await probe.echo({ deep: [make()] })).deep[0])
        } catch (error) {
          throw new Error(`${name} did not survive`, { cause: error })
        }
      }
    },
  ],
  [
    'leaves platform types to the platform, or refuses them with their place in the value',
    async ({ probe }) => {
      for (const { make, check } of platformSamples) {
        const outcome = await probe.echo({ list: [make()] }).catch((error: unknown) => error)
        if (outcome instanceof ActorError) {
          equal(outcome.code, 'uncloneable')
          assert(outcome.message.includes('.list[0]'), `the path is named: ${outcome.message}`)
        } else check((outcome as { list: unknown[] }).list[0])
      }
      equal(await probe.add(1, 1), 2)
    },
  ],
  [
    'refuses what cannot be sent, names the place, and goes on',
    async ({ probe }) => {
      const refused = async (value: unknown): Promise<void> => {
        const error = await rejects(probe.echo({ list: [0, value] }), 'uncloneable')
        equal(error.ran, 'no')
        assert(error.message.includes('.list[1]'), `the path is named: ${error.message}`)
      }
      await refused(Symbol('s'))
      await refused(Promise.resolve())
      await refused(new WeakMap())
      await rejects(probe.echo({ then: () => 1 } as unknown), 'uncloneable')
      equal((await rejects(probe.unsendable() as Promise<unknown>, 'uncloneable')).ran, 'maybe')
      equal(await probe.add(1, 1), 2)
    },
  ],
  [
    'takes a snapshot at the call',
    async ({ probe }) => {
      const value = { n: 1, bytes: Uint8Array.of(1), map: new Map([['k', 1]]) }
      const calls = Array.from({ length: 40 }, () => probe.echo(value))
      value.n = 2
      value.bytes[0] = 2
      value.map.set('k', 2)
      for (const { n, bytes, map } of await Promise.all(calls)) alike([n, bytes[0], map.get('k')], [1, 1, 1])
    },
  ],
  [
    'moves what is transferred where it can',
    async ({ probe }) => {
      const buffer = new Uint8Array(1_000).fill(7).buffer
      const back = await probe.echo(transfer({ buffer }, [buffer]))
      equal(back.buffer.byteLength, 1_000)
      equal(new Uint8Array(back.buffer)[999], 7)
      assert(buffer.byteLength === 0 || buffer.byteLength === 1_000, 'moved or copied, never torn')
    },
  ],
  [
    'carries functions, wherever they are nested, both ways',
    async ({ probe }) => {
      equal(await probe.invoke((n: number) => n * 2, 21), 42)
      equal(await probe.invokeNested({ list: [{ fn: async (n: number) => n + 1 }] }, 1), 2)
      const adder = await probe.adder(5)
      equal(await adder(1), 6)
      const failed = await thrown(
        probe.invoke(() => {
          throw new RangeError('in the callback')
        }, 1),
      )
      assert(failed instanceof RangeError, 'the error of a callback comes through')
      const mine = (): number => 1
      equal(await probe.echo(mine), mine, 'my own function comes home as itself')
    },
  ],
  [
    'carries proxies, and calls on them arrive',
    async ({ near, peer, probe }) => {
      const here = await near.spawn(Probe)
      equal(await probe.relay(here, 3, 4), 7)
      const other = await peer.spawn('Probe')
      equal(await probe.relay(other, 1, 1), 2)
      assert(same(await probe.me(), probe), 'self comes back as the proxy of the same address')
      assert(same(await probe.echo(here), here), 'my own actor comes home')
      equal(await probe.me(), await probe.me(), 'one borrowed proxy for each address')
      equal(await probe.invoke(here.add as never, 0).then(Number.isNaN), true, 'a bound method travels')
    },
  ],
  [
    'calls at once what a call will bring',
    async ({ near, peer, probe }) => {
      equal(await ask(peer.spawn('Probe')).add(1, 2), 3)
      equal(await ask(ask(probe.me()).me()).add(2, 2), 4)
      const spawned = peer.spawn('Probe')
      const early = [1, 2].map((n) => ask(spawned).record(n))
      const other = await spawned
      await other.record(3)
      await Promise.all(early)
      alike(await other.log(), [1, 2, 3])
      const here = await near.spawn(Probe)
      equal(await ask(probe.echo(here)).add(3, 3), 6, 'my own actor')
      equal(await ask(near.spawn(Probe)).add(4, 4), 8, 'a promise that needs no link')
      const failing = probe.throwError() as Promise<Proxy<Probe>>
      const unmade = ask(failing).me()
      for (const behind of [unmade, ask(unmade).add(1, 1)]) {
        const error = await rejects(behind, 'unreachable')
        assert(error.ran === 'no' && error.cause instanceof RangeError, 'the failure of the first one is the cause')
      }
      await rejects(ask(probe.add(1, 1) as never as Proxy<Probe>).add(1, 1), 'malformed')
      equal(await probe.add(5, 5), 10)
    },
  ],
  [
    'fires an AbortSignal there when it fires here',
    async ({ probe }) => {
      const controller = new AbortController()
      const waiting = probe.waitFor(controller.signal, () => controller.abort(new RangeError('enough')))
      const { early, reason } = await waiting
      equal(early, false)
      assert(reason instanceof RangeError && reason.message === 'enough', 'the reason comes with it')
      equal((await probe.waitFor(controller.signal)).early, true, 'one that has fired arrives so')
    },
  ],
  [
    'hands out what is marked by reference, the same proxy each time',
    async ({ probe }) => {
      const tally = await probe.tally()
      equal(await tally.add(3), 3)
      equal(await probe.ownTally(), 3, 'the actor sees the object itself')
      equal(await probe.tally(), tally)
      assert(same(await probe.itself(), probe), 'an actor that returns itself')
    },
  ],
  [
    'takes references back, by disposal, by collection and with the last call',
    async ({ near, peer, probe }) => {
      const held = (): number => near.info().peers[0]!.exports
      const base = held()
      await probe.keep(() => 'kept')
      equal(await probe.callKept(), 'kept')
      equal(held(), base + 1)
      const adder = (await probe.adder(1)) as unknown as ((n: number) => Promise<number>) & Disposable
      equal(await adder(1), 2)
      adder[Symbol.dispose]()
      equal((await rejects(adder(1), 'released')).ran, 'no')
      if (!canCollect()) return
      await (async () => void (await peer.spawn('Probe', { id: 'unheld' })))()
      await collectUntil(async () => !(await probe.actors()).includes('unheld'))
    },
  ],
  [
    'reads and writes exposed properties, in order with calls',
    async ({ peer, probe }) => {
      const again = await probe.me()
      assert(again !== probe, 'another proxy')
      equal(await write(probe, 'level', 5), undefined)
      equal(await read(again, 'level'), 5, 'written through one proxy, read through another')
      const seen = Array.from({ length: 300 }, (_, n) => {
        if (n % 2) return read(probe, 'level')
        void write(again, 'level', n)
        tell(probe).record(n)
        return read(again, 'doubled').then((doubled) => doubled / 2)
      })
      alike(
        await Promise.all(seen),
        seen.map((_, n) => n - (n % 2)),
      )
      equal((await probe.log()).length, 150)
      await write(probe, 'doubled', 8)
      equal(await read(probe, 'soon'), 4, 'a promise is awaited there')
      const there = await peer.spawn('Probe')
      await write(probe, 'held', { map: new Map([['there', there]]), date: new Date(1), none: undefined })
      const held = (await read(probe, 'held')) as { map: Map<string, Proxy<Probe>>; date: Date }
      equal(held.date.getTime(), 1)
      assert(same(held.map.get('there')!, there), 'proxies travel')
      await write(probe, 'held', undefined)
      equal(await read(probe, 'held'), undefined)
    },
  ],
  [
    'refuses properties that are not exposed, and brings what accessors throw',
    async ({ probe }) => {
      const name = (text: string): never => text as never
      for (const hidden of ['unlisted', 'add', 'echo', 'context', 'onStart', '_hidden', '__proto__', 'then', 'none']) {
        equal((await rejects(read(probe, name(hidden)), 'not-exposed')).ran, 'no', hidden)
        equal((await rejects(write(probe, name(hidden), name('x')), 'not-exposed')).ran, 'no', hidden)
      }
      await rejects(read(probe, name('x'.repeat(10_000))), 'malformed', 'not-exposed')
      await rejects(read(probe, 7 as never), 'malformed')
      await rejects((probe as unknown as { level(): Promise<unknown> }).level(), 'not-exposed')
      assert((await thrown(write(probe, 'doubled', -1))) instanceof RangeError, 'a setter rejects the write')
      assert((await thrown(write(probe, name('fixed'), name('1')))) instanceof TypeError, 'so does the lack of one')
      equal(await read(probe, 'fixed'), 7)
      equal(await probe.add(1, 1), 2)
    },
  ],
  [
    'lets properties wait their turn, within their deadlines',
    async ({ probe }) => {
      const controller = new AbortController()
      const writer = new AbortController()
      let busy: Promise<unknown> | undefined
      await new Promise<void>((started) => {
        busy = ask(probe, { signal: controller.signal }).hang(started)
      })
      const written = write(probe, 'level', 1, { timeout: 30 })
      await rejects(written, 'timeout')
      const behind = rejects(write(probe, 'level', 2, { signal: writer.signal }), 'aborted')
      const level = read(probe, 'level')
      writer.abort()
      controller.abort()
      await rejects(busy!, 'aborted')
      await behind
      equal(await level, 0, 'neither was written')
    },
  ],
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
    },
  ],
  [
    'brings errors as they were thrown',
    async ({ probe }) => {
      const error = (await thrown(probe.throwError())) as RangeError & { extra: { n: number } }
      assert(error instanceof RangeError && error.message === 'out of range', 'class and message')
      assert(error.cause instanceof TypeError, 'cause')
      equal(error.extra.n, 1)
      for (const value of [0, '', null, undefined, false, 'text']) equal(await thrown(probe.throwValue(value)), value)
      equal(await probe.add(1, 1), 2, 'the actor goes on')
    },
  ],
  [
    'lets a signal and a deadline reach the handler',
    async ({ probe }) => {
      const controller = new AbortController()
      let call: Promise<unknown> | undefined
      await new Promise<void>((started) => {
        call = ask(probe, { signal: controller.signal }).hang(started)
      })
      const again = probe.add(1, 1)
      controller.abort()
      equal((await rejects(call!, 'aborted')).ran, 'maybe')
      equal(await again, 2, 'the next message runs once the handler gave up')
      await rejects(ask(probe, { timeout: 100 }).hang(), 'timeout')
      alike(await probe.log(), ['gave up', 'gave up'])
      equal((await rejects(ask(probe, { signal: controller.signal }).add(1, 1), 'aborted')).ran, 'no')
    },
  ],
  [
    'withdraws a message that has not started',
    async ({ probe }) => {
      const controller = new AbortController()
      let busy: Promise<unknown> | undefined
      await new Promise<void>((started) => {
        busy = ask(probe, { signal: controller.signal }).hang(started)
      })
      const behind = ask(probe, { timeout: 30 }).record('never')
      await rejects(behind, 'timeout')
      controller.abort()
      await rejects(busy!, 'aborted')
      alike(await probe.log(), ['gave up'])
    },
  ],
  [
    'ignores a reply that comes too late',
    async ({ probe }) => {
      const call = ask(probe, { timeout: 30 }).hang()
      await rejects(call, 'timeout')
      const answers = await Promise.all([1, 2, 3].map((n) => probe.add(n, n)))
      alike(answers, [2, 4, 6])
    },
  ],
  [
    'finds actors by name, and stops them',
    async ({ near, peer, probe }) => {
      const named = await peer.spawn('Probe', { name: 'named' })
      const found = await near.lookup<Probe>('named')
      assert(found && same(found, named), 'lookup finds it')
      assert(await peer.lookup('named'), 'so does the peer')
      equal(await near.lookup('nobody'), undefined)
      assert((await peer.names()).includes('named'), 'names lists it')
      await rejects(peer.spawn('Probe', { name: 'named' }), 'name-taken')
      await rejects(peer.spawn('Nothing' as 'Probe'), 'not-found')
      await stop(named)
      equal((await rejects(named.add(1, 1), 'stopped')).ran, 'no')
      equal(await near.lookup('named'), undefined)
      equal(await probe.add(1, 1), 2)
    },
  ],
  [
    'stamps the sender and the caller',
    async ({ near, probe }) => {
      class Sender extends Probe {
        async check(other: Proxy<Probe>): Promise<boolean> {
          const sender = (await this.context.ask(other).sender()) as Proxy<unknown>
          return same(sender, this.context.self)
        }
      }
      equal(await (await near.spawn(Sender)).check(probe), true)
      equal(((await probe.from()) as { peer: string }).peer, near.id)
    },
  ],
  [
    'is harmless to await, compare and print',
    async ({ probe }) => {
      equal(await probe, probe)
      equal(typeof probe, 'object')
      equal(Object.keys(probe).length, 0)
      for (const name of ['then', 'toJSON', 'constructor', 'asymmetricMatch', 'nodeType', '$$typeof']) {
        equal((probe as Record<string, unknown>)[name], undefined, name)
      }
      equal(probe.add, probe.add, 'a method is the same function each time')
    },
  ],
  [
    'settles what is in flight when this side closes',
    async ({ peer, probe }) => {
      const call = probe.deaf()
      const other = rejects(call, 'unknown')
      await peer.close()
      await other
      equal((await peer.closed).code, 'stopped')
      equal((await rejects(probe.add(1, 1), 'unreachable')).ran, 'no')
      await peer.close()
    },
  ],
  [
    'settles what is in flight when the other side closes',
    async ({ peer, probe }) => {
      tell(probe).hangUp()
      const call = probe.deaf()
      const { code } = await rejects(call, 'unknown', 'stopped')
      await peer.closed
      assert(code, 'typed')
      await rejects(probe.add(1, 1), 'unreachable')
    },
  ],
  [
    'settles 1,000 calls within a second of a crash',
    async ({ subject, peer, probe }): Promise<void> => {
      await probe.add(1, 1)
      const calls = Array.from({ length: 1_000 }, () => rejects(probe.deaf(), 'unknown'))
      const start = Date.now()
      await subject.crash()
      for (const error of await Promise.all(calls)) equal(error.ran, 'maybe')
      const took = Date.now() - start
      console.log(`1,000 calls settled ${took} ms after the crash`)
      assert(took < 5_000, `took ${took} ms`)
      if (subject.connector.returns) return equal(await probe.add(1, 1), 2, 'back behind the same proxy')
      await peer.closed
      await rejects(probe.add(1, 1), 'unreachable')
    },
  ],
]
