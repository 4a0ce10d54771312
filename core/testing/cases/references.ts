import type { Proxy } from '../../proxy/proxy-types.js'
import { address, ask, same, tell } from '../../proxy/verbs.js'
import { canCollect, collectUntil } from '../collect.js'
import { writable } from '../conduit.js'
import { alike, assert, equal, rejects, thrown } from '../expect.js'
import { Probe } from '../probe.js'
import type { Case } from './case.js'

declare const AbortController: new () => { readonly signal: AbortSignal; abort(reason?: unknown): void }

/** What is handed out and called from afar. */
export const references: readonly Case[] = [
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
    "says 'maybe' of a function or a stream that ran and threw an error that says 'no'",
    async ({ probe }) => {
      const refuser = await probe.refuser()
      equal((await rejects(Promise.resolve(refuser()), 'quota')).ran, 'maybe')
      const steps = (await probe.refusing())[Symbol.asyncIterator]()
      equal((await rejects(steps.next(), 'quota')).ran, 'maybe')
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
    'refuses a call that would wait for itself, made where a message is answered that brought a function or a stream',
    async ({ probe }) => {
      const add = (): Promise<number> => probe.add(1, 2)
      async function* later(): AsyncGenerator<number, void, undefined> {
        yield 1
        yield add()
      }
      let chunks = 0
      const perhaps = (chunk: number): unknown => (++chunks % 2 === 0 ? add() : chunk)
      await rejects(probe.invoke(add, 1), 'cycle')
      await rejects(probe.invokeLater(add), 'cycle')
      await rejects(probe.all(later()), 'cycle')
      await rejects(probe.pour(writable(perhaps), 2), 'cycle')
      equal(await probe.invoke(() => tell(probe).record('told'), 1), undefined)
      alike(await probe.log(), ['told'], 'what is told waits for its turn')
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
      const unheld = await (async () => address(await peer.spawn('Probe')).id)()
      await collectUntil(async () => !(await probe.actors()).includes(unheld))
    },
  ],
]
