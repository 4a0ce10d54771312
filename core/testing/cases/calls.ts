import { platformEnv } from '../../ground/env.js'
import type { ActorError } from '../../ground/errors.js'
import type { Proxy } from '../../proxy/proxy-types.js'
import { address, ask, same, stop, tell } from '../../proxy/verbs.js'
import { alike, assert, equal, rejects } from '../expect.js'
import { Probe } from '../probe.js'
import type { Case } from './case.js'

declare const AbortController: new () => { readonly signal: AbortSignal; abort(reason?: unknown): void }

/** Calls, one way or with a reply. */
export const calls: readonly Case[] = [
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
    'lets the reason of an abort reach the handler',
    async ({ probe }) => {
      const reasons = ['a text', { code: 7 }, new RangeError('an error'), undefined, () => {}, Symbol('never sent')]
      for (const reason of reasons) {
        const controller = new AbortController()
        let call: Promise<unknown> | undefined
        await new Promise<void>((started) => {
          call = ask(probe, { signal: controller.signal }).hang(started)
        })
        controller.abort(reason)
        equal((await rejects(call!, 'aborted')).cause, controller.signal.reason, 'the cause of the error')
      }
      const [text, record, error, none] = (await probe.reasons()) as ActorError[]
      equal(text?.cause, 'a text')
      alike(record?.cause, { code: 7 })
      assert(error?.cause instanceof RangeError, 'an error arrives as one')
      equal((none?.cause as Error | undefined)?.name, 'AbortError', 'without a reason, what the platform gives')
      equal((await probe.reasons()).length, reasons.length, 'a reason that cannot be sent is no reason to go on')
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
      const marks = ['_isMockFunction', '__v_isReadonly', '@@__IMMUTABLE_ITERABLE__@@', 'hasAttribute', 'tagName']
      for (const name of ['then', 'toJSON', 'constructor', 'asymmetricMatch', 'nodeType', '$$typeof', ...marks]) {
        for (const face of [probe, ask(probe), tell(probe)])
          equal((face as unknown as Record<string, unknown>)[name], undefined, name)
      }
      const { kind, path } = address(probe)
      for (const face of [probe, ask(probe), tell(probe)]) equal(String(face), `Proxy(${kind} ${path})`)
      equal(probe.add, probe.add, 'a method is the same function each time')
    },
  ],
  [
    'reads what has come while the thread was busy before a deadline counts',
    async ({ probe }) => {
      let sum: unknown
      // The other side may be slow to answer on a busy machine.
      for (let busy = 300; busy < 3_000 && sum !== 3; busy *= 3) {
        const work = (): Promise<unknown> => {
          const call = ask(probe, { timeout: 100 }).add(1, 2)
          const until = Date.now() + busy
          while (Date.now() < until);
          return call.catch((error: unknown) => error)
        }
        // In Node, timers that are due run right behind such a task.
        sum = await new Promise<unknown>((resolve) => platformEnv.defer(() => resolve(work())))
      }
      equal(sum, 3)
    },
  ],
]
