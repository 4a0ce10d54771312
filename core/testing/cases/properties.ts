import type { Proxy } from '../../proxy/proxy-types.js'
import { ask, read, same, tell, write } from '../../proxy/verbs.js'
import { alike, assert, equal, rejects, thrown } from '../expect.js'
import type { Probe } from '../probe.js'
import type { Case } from './case.js'

declare const AbortController: new () => { readonly signal: AbortSignal; abort(reason?: unknown): void }

/** Properties of an actor. */
export const properties: readonly Case[] = [
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
]
