import { expect, test } from 'vitest'
import { adaptive } from './adaptive.js'
import { STRUCTURE } from './codec.js'
import type { Encoder } from './encode.js'

/** The first thing in a payload, or the code of what refuses it. */
const first = (limit: number, data: unknown): unknown => {
  try {
    return adaptive.source(data, limit).read()
  } catch (error) {
    return (error as { code?: string }).code
  }
}

test('reads arrays, bytes, and bytes before values of the platform', () => {
  const [single, batch] = [adaptive.sink(), adaptive.batch!()]
  single.string('alone')
  batch.string('together')
  const value = new Uint8Array(3)
  const beside = adaptive.batch!()
  beside.platform(value, {} as Encoder)
  expect(first(Infinity, single.take().data)).toBe('alone')
  expect(first(Infinity, batch.take().data)).toBe('together')
  const { data } = beside.take()
  const source = adaptive.source(data, Infinity)
  expect(source.read()).toBe(STRUCTURE)
  expect(source.platform()).toBe(value)
})

test('reads nothing that cannot be measured where there is a limit', () => {
  expect(first(100, [Uint8Array.of(0x81, 97), new ArrayBuffer(1_000)])).toBe('too-large')
  expect(first(100, [Uint8Array.of(0x81, 97)])).toBe('too-large')
  expect(first(100, ['short'])).toBe('short')
  expect(first(100, Uint8Array.of(0x81, 97))).toBe('a')
  expect(first(100, new Uint8Array(101))).toBe('too-large')
  for (const none of ['text', null, undefined, 1, {}]) expect(first(100, none)).toBe('malformed')
})
