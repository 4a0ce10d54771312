import { describe, expect, test } from 'vitest'
import { ActorError } from '../ground/errors.js'
import { UNTRUSTED } from '../ground/limits.js'
import { bytes } from './bytes.js'
import { Decoder } from './decode.js'
import { Encoder } from './encode.js'
import * as Tag from './tag.js'

const FRAME = 1 << 20

function encode(value: unknown): Uint8Array {
  const sink = bytes.sink()
  const encoder = new Encoder({ export: () => false, begin: () => {}, undo: () => {} }, UNTRUSTED, false)
  encoder.begin(sink)
  encoder.value(value)
  return sink.take().data as Uint8Array
}

function decode(data: Uint8Array): unknown {
  const decoder = new Decoder(
    {
      import: () => {
        throw new ActorError('malformed', 'no references here')
      },
    },
    UNTRUSTED,
  )
  decoder.begin(bytes.source(data, FRAME))
  return decoder.value()
}

function outcome(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (!(error instanceof ActorError)) return String(error)
  }
  return 'typed'
}

describe('the byte codec', () => {
  test('refuses an error with a text that is no string', () => {
    const withField = (key: string, code: number): (() => unknown) => {
      const sink = bytes.sink()
      const encoder = new Encoder({ export: () => false }, UNTRUSTED, false)
      encoder.begin(sink)
      sink.tag(Tag.Error)
      for (const field of [code, 'Error', 'the message', 1, key, [[]]]) encoder.value(field)
      return () => decode(sink.take().data as Uint8Array)
    }
    for (const key of ['name', 'message', 'stack']) expect(withField(key, 0)).toThrow('no string')
    expect(withField('code', 9)).toThrow('no string')
    expect(withField('code', 0)()).toMatchObject({ code: [[]] })
  })

  test('writes small integers and short strings in the fewest bytes', () => {
    expect([...encode(5)]).toEqual([5])
    expect([...encode('ab')]).toEqual([0x82, 0x61, 0x62])
    expect(encode(300)).toHaveLength(3)
    expect(encode(-1)).toHaveLength(2)
    expect(encode(0.5)).toHaveLength(9)
  })

  test('never allocates by what a frame declares', () => {
    // A few bytes that promise 2^34 elements, characters or bytes.
    const huge = [0xe4, 0xff, 0xff, 0xff, 0xff, 0x3f]
    const heads = [[0xc1], [0xc2], [0xc3], [0xc4], [0xe9], [0xe6], [0xe7], [0xc6, 0xe9], [0xc7, 1, 0]]
    for (const head of heads) {
      const start = performance.now()
      expect(() => decode(Uint8Array.from([...head, ...huge, ...huge]))).toThrow(ActorError)
      expect(performance.now() - start).toBeLessThan(100)
    }
  })

  test('answers every cut and every flipped byte with a value or a typed error, and pollutes nothing', () => {
    const value = {
      list: [1, -70_000, 0.5, 'text', 'é', 'x'.repeat(70), 'lone \ud800', 10n ** 30n, null, undefined, true],
      map: new Map<unknown, unknown>([['k', new Set([1])]]),
      date: new Date(1),
      view: Uint16Array.of(1, 2, 3),
      error: Object.assign(new RangeError('r', { cause: new Error('c') }), { extra: 1 }),
      ['__proto__x']: JSON.parse('{"__proto__": {"polluted": 1}}') as unknown,
    }
    const frame = encode(value)
    for (let cut = 0; cut < frame.length; cut++) expect(() => decode(frame.slice(0, cut))).toThrow(ActorError)
    for (let at = 0; at < frame.length; at++) {
      for (const flip of [1, 0x40, 0x80, 0xff]) {
        const broken = frame.slice()
        broken[at]! ^= flip
        expect(outcome(() => decode(broken))).toBe('typed')
      }
    }
    for (const proto of [Object.prototype, Array.prototype, Error.prototype, Map.prototype]) {
      expect((proto as Record<string, unknown>)['polluted']).toBeUndefined()
      expect(Object.keys(proto)).toEqual([])
    }
  })

  test('refuses what is nested too deep or has too many parts, on both sides', () => {
    const deep = (levels: number): unknown => Array.from({ length: levels }).reduce((inner) => [inner], 0)
    expect(decode(encode(deep(UNTRUSTED.depth)))).toEqual(deep(UNTRUSTED.depth))
    expect(() => encode(deep(UNTRUSTED.depth + 1))).toThrow(expect.objectContaining({ code: 'too-deep' }))
    const nested = Uint8Array.from([...Array.from({ length: 100 }, () => [0xc1, 1]).flat(), 0])
    expect(() => decode(nested)).toThrow(expect.objectContaining({ code: 'too-deep' }))
    expect(() => encode(Array.from({ length: UNTRUSTED.nodes + 1 }, () => 0))).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
    expect(() => bytes.source(new Uint8Array(FRAME + 1), FRAME)).toThrow(expect.objectContaining({ code: 'too-large' }))
  })

  test('reads long numbers in linear time', () => {
    const frame = encode(2n ** 1_000_000n)
    const start = performance.now()
    expect(decode(frame)).toBe(2n ** 1_000_000n)
    expect(performance.now() - start).toBeLessThan(500)
  })
})
