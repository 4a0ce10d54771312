import { tell } from '../../proxy/verbs.js'
import { assert, equal, rejects } from '../expect.js'
import type { Subject } from '../subject.js'
import type { Case } from './case.js'

declare const console: { log(text: string): void }

/** Whether the realm at the other end is one that this side starts, and starts again. */
const isOurs = ({ connector: { returns = false, resumes } }: Subject): boolean => returns !== false && !resumes

/** What becomes of calls when a side ends. */
export const endings: readonly Case[] = [
  [
    'settles what is in flight when this side closes',
    async ({ peer, probe }) => {
      const call = probe.deaf()
      // A realm that this side started has this long to end by itself.
      const other = rejects(call, 'unknown', 'stopped')
      await peer.close({ timeout: 500 })
      equal((await other).ran, 'maybe')
      equal((await peer.closed).code, 'stopped')
      equal((await rejects(probe.add(1, 1), 'unreachable')).ran, 'no')
      await peer.close()
    },
  ],
  [
    'lets the actors of a realm that it started finish what waits, and stop, when this side closes in that mode',
    async ({ near, subject, probe }) => {
      const heard: unknown[] = []
      await probe.atLast((log) => heard.push(...log))
      for (let n = 0; n < 500; n++) tell(probe).record(n)
      await near.close({ mode: 'drain' })
      equal(heard.length, isOurs(subject) ? 500 : 0)
    },
  ],
  [
    'lets the actors of a realm that it started stop when the peer is closed',
    async ({ subject, peer, probe }) => {
      let stops = 0
      await probe.atLast(() => stops++)
      await peer.close()
      equal((await peer.closed).code, 'stopped')
      equal(stops, isOurs(subject) ? 1 : 0)
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
      if (isOurs(subject)) return equal(await probe.add(1, 1), 2, 'back behind the same proxy')
      await peer.closed
      await rejects(probe.add(1, 1), 'unreachable')
    },
  ],
]
