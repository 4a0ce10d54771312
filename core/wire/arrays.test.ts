import { expect, test } from 'vitest'
import { Actor } from '../index.js'
import type { PairOptions } from '../transport/pair.js'
import { linkedPair } from '../testing/index.js'
import { bytes } from './bytes.js'
import { flat } from './flat.js'

class Echo extends Actor {
  echo(value: unknown): unknown {
    return value
  }
}

async function echo(options: PairOptions) {
  const { peer } = await linkedPair({ actors: { Echo }, authorize: () => true, ...options })
  return peer.spawn('Echo')
}

test.each([
  ['an array', { codec: flat }],
  ['bytes', { codec: bytes, payload: 'bytes' }],
] as const)('a long array with few elements costs what the elements do, as %s', async (_, options) => {
  const actor = await echo(options)
  const sparse: unknown[] = []
  sparse[7] = 'first'
  sparse[8] = { second: 2 }
  sparse[4_000_000_000] = 'last'
  sparse.length += 10
  Object.assign(sparse, { '7.5': 'no element', name: 'nor this' })
  const arrived = (await actor.echo(sparse)) as unknown[]
  expect(arrived.length).toBe(4_000_000_011)
  expect(Object.entries(arrived)).toEqual([
    ['7', 'first'],
    ['8', { second: 2 }],
    ['4000000000', 'last'],
  ])
})

test('a peer that is not trusted cannot be sent more holes than it may be sent parts', async () => {
  const actor = await echo({ trusted: false })
  const holes: unknown[] = []
  holes[50_000] = 1
  expect(((await actor.echo(holes)) as unknown[]).length).toBe(50_001)
  holes[100_001] = 1
  await expect(actor.echo(holes)).rejects.toMatchObject({ code: 'too-large', ran: 'no' })
})

test.each([
  ['an array', { codec: flat }],
  ['bytes', { codec: bytes, payload: 'bytes' }],
] as const)('a Float16Array arrives as one where the platform has it, as %s', async (_, options) => {
  const { Float16Array: Halves } = globalThis as unknown as { Float16Array?: Uint16ArrayConstructor }
  if (!Halves) return
  const arrived = await (await echo(options)).echo(Halves.of(0.5, 2).subarray(1))
  expect(arrived).toBeInstanceOf(Halves)
  expect([...(arrived as Uint16Array)]).toEqual([2])
})

test('a view of a class that the platform of the receiver does not have costs its message, not the link', async () => {
  const { peer } = await linkedPair({ actors: { Echo }, authorize: () => true, codec: bytes, payload: 'bytes' })
  const actor = await peer.spawn('Echo')
  const { Float64Array: Doubles } = globalThis
  const sent = actor.echo(Doubles.of(1))
  Reflect.deleteProperty(globalThis, 'Float64Array')
  const error: unknown = await sent.then(
    () => 'arrived',
    (reason: unknown) => reason,
  )
  Object.defineProperty(globalThis, 'Float64Array', { value: Doubles, configurable: true, writable: true })
  expect(error).toMatchObject({ code: 'uncloneable', ran: 'no' })
  expect(await actor.echo(1)).toBe(1)
})
