import { ActorError } from '../../ground/errors.js'
import { same } from '../../proxy/verbs.js'
import { transfer } from '../../wire/transfer.js'
import { alike, assert, equal, rejects, thrown } from '../expect.js'
import { laden } from '../laden.js'
import { platformSamples, samples } from '../samples.js'
import type { Case } from './case.js'

declare const structuredClone: (value: unknown, options: { transfer: readonly object[] }) => unknown

/** Values, which arrive as copies. */
export const values: readonly Case[] = [
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
        assert(error.message.includes('Probe.echo'), `the method is named: ${error.message}`)
      }
      await refused(Symbol('s'))
      await refused(Promise.resolve())
      await refused(new WeakMap())
      await rejects(probe.echo({ then: () => 1 } as unknown), 'uncloneable')
      const second = await rejects(probe.add(1, Symbol('s') as never), 'uncloneable')
      // In a build for bundlers without its prose.
      assert(/2 (?:of )?Probe\.add.* symbol/.test(second.message), `the argument is named: ${second.message}`)
      let deep: unknown[] = []
      for (let depth = 0; depth < 1_001; depth++) deep = [deep]
      const nested = await rejects(probe.add(1, deep as never), 'too-deep')
      assert(/2 (?:of )?Probe\.add/.test(nested.message), `the argument is named: ${nested.message}`)
      equal((await rejects(probe.unsendable() as Promise<unknown>, 'uncloneable')).ran, 'maybe')
      equal(await probe.add(1, 1), 2)
    },
  ],
  [
    'sends deep values, or refuses them as too deep, and goes on',
    async ({ probe }) => {
      const nestings: ((inner: unknown) => unknown)[] = [
        (inner) => [inner],
        (inner) => ({ inner }),
        (inner) => new Map([[1, inner]]),
        (inner) => new Set([inner]),
        (inner) => new Error('outer', { cause: inner }),
      ]
      for (const nest of nestings) {
        for (const depth of [20, 200, 390, 900, 20_000]) {
          let value: unknown = 'innermost'
          for (let level = 0; level < depth; level++) value = nest(value)
          const outcome = await probe.echo(value).then(
            () => 'sent',
            (error: unknown) => error,
          )
          if (depth === 20) equal(outcome, 'sent')
          else if (outcome !== 'sent')
            equal((outcome as ActorError).code, 'too-deep', `${depth} deep: ${String(outcome)}`)
          equal(await probe.add(1, 1), 2)
        }
      }
    },
  ],
  [
    'sends of a buffer no more than the views of it show',
    async ({ probe }) => {
      const pool = Uint8Array.from({ length: 2 * 1024 * 1024 }, (_, n) => n)
      const { buffer } = pool
      const small = await probe.echo(pool.subarray(5, 15))
      alike([...small], [5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
      equal(small.buffer.byteLength, 10)
      equal((await probe.echo(new DataView(buffer, 300, 8))).getUint8(1), 45)
      equal((await probe.echo(pool.subarray(9, 9))).buffer.byteLength, 0)

      // Views that overlap still share their memory.
      const [one, two] = await probe.echo([pool.subarray(10, 14), { deep: new Uint16Array(buffer, 12, 2) }] as const)
      equal(one.buffer, two.deep.buffer, 'one buffer')
      equal(one.buffer.byteLength, 6)
      two.deep[0] = 0x0303
      alike([...one], [10, 11, 3, 3])

      const whole = new Uint8Array(16)
      const all = await probe.echo([whole.subarray(4, 8), { whole }, whole.buffer] as const)
      equal(all[0].buffer, all[1].whole.buffer, 'the buffer of all views')
      equal(all[2], all[0].buffer, 'the buffer itself')
      equal(all[2].byteLength, 16)
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
    'refuses a buffer that was moved before, and goes on',
    async ({ probe }) => {
      const view = new Uint8Array(8)
      const { buffer } = view
      structuredClone(buffer, { transfer: [buffer] })
      let innocent!: Promise<unknown>
      const go = await new Promise<(value: unknown) => void>((begun) => {
        innocent = probe.invoke(() => new Promise((resolve) => begun(resolve)), 0)
      })
      for (const value of [buffer, view]) {
        await rejects(probe.echo({ list: [value] }), 'uncloneable')
        const error = await rejects(probe.echo(transfer({ value }, [buffer])), 'uncloneable')
        equal(error.ran, 'no')
        assert(error.message.includes('.value'), `the path is named: ${error.message}`)
      }
      go(2)
      equal(await innocent, 2)
      equal((await probe.echo(new ArrayBuffer(0))).byteLength, 0, 'an empty one')
      alike([...(await probe.echo(new Uint8Array(0)))], [])
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
    'brings an error without the fields that cannot be sent',
    async ({ near, probe }) => {
      const check = (error: unknown, ...more: string[]): void => {
        assert(error instanceof RangeError && error.message === 'laden', 'class and message')
        const { code, detail, cause } = error as RangeError & {
          code: string
          detail: { shared: { n: number }; inner: TypeError & { code: number } }
        }
        alike(Object.keys(error), ['code', 'detail', ...more])
        alike([code, detail.shared], ['E_LADEN', { n: 1 }])
        const { inner } = detail
        assert(inner instanceof TypeError && inner.message === 'inner', 'an error in a field')
        alike(Object.keys(inner), ['code'])
        let depth = 0
        for (let each = cause as Error; each.cause; each = each.cause as Error)
          equal(each.message, `cause ${149 - depth++}`)
        assert(depth > 10, 'causes, as many as may be nested')
      }
      const error = await thrown(probe.throwLaden())
      check(error, 'self')
      equal(same((error as unknown as { self: typeof probe }).self, probe), true, 'an actor in a field')
      const held = near.info().peers[0]!.exports
      const [first, after] = await probe.echo([laden({}), { after: [1] }] as const)
      check(first)
      alike(after, { after: [1] })
      equal(near.info().peers[0]!.exports, held, 'nothing was lent')
      equal(await probe.add(1, 1), 2, 'the actor goes on')
    },
  ],
]
