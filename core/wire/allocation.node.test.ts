import { describe, expect, test } from 'vitest'
import type { ActorError } from '../ground/errors.js'
import { UNTRUSTED } from '../ground/limits.js'
import { bytes } from './bytes.js'
import { Decoder } from './decode.js'
import type { Sink } from './codec.js'
import * as Tag from './tag.js'

const WIRE = 256 * 1024
const gc = (globalThis as unknown as { gc(): void }).gc

/** Frames, each an array of `count` parts, until the payload is full. */
function payload(count: number, part: (sink: Sink, n: number) => void): Uint8Array {
  const sink = bytes.sink()
  for (let n = 0; sink.size < WIRE;) {
    sink.tag(Tag.Array)
    sink.number(count)
    for (let i = 0; i < count; i++) part(sink, n++)
  }
  return (sink.take().data as Uint8Array).slice()
}

/** Reads all frames, or as many as are taken, and returns bytes of heap that were allocated for each of the payload. */
function allocated(data: Uint8Array): number {
  const importer = { import: () => undefined }
  gc()
  const before = process.memoryUsage().heapUsed
  const values: unknown[] = []
  try {
    const decoder = new Decoder(importer, UNTRUSTED)
    const source = bytes.source(data, Infinity)
    while (source.more()) {
      decoder.begin(source)
      values.push(decoder.value())
    }
  } catch (error) {
    if ((error as ActorError).code !== 'too-large') throw error
  }
  gc()
  const used = process.memoryUsage().heapUsed - before
  expect(values.length).toBeGreaterThan(0)
  return used / data.length
}

const PARTS: Record<string, (sink: Sink, n: number) => void> = {
  objects: (sink) => {
    sink.tag(Tag.Object)
    sink.number(0)
  },
  arrays: (sink) => {
    sink.tag(Tag.Array)
    sink.number(0)
  },
  maps: (sink) => {
    sink.tag(Tag.Map)
    sink.number(0)
  },
  sets: (sink) => {
    sink.tag(Tag.Set)
    sink.number(0)
  },
  dates: (sink) => {
    sink.tag(Tag.Date)
    sink.number(1)
  },
  errors: (sink) => {
    sink.tag(Tag.Error)
    sink.number(0)
    sink.string('')
    sink.string('')
    sink.number(0)
  },
  'DOM errors': (sink) => {
    sink.tag(Tag.Error)
    sink.number(8)
    sink.string('')
    sink.string('')
    sink.number(0)
  },
  'short strings': (sink, n) => sink.string(`s${n}`),
  'strings of UTF-16': (sink, n) => sink.string(`\ud800${n}`),
  numbers: (sink) => sink.number(0.5),
  integers: (sink) => sink.number(1),
}

describe('a payload of a peer that is not trusted takes at most 16 times its bytes of memory, and 1 MiB', () => {
  test.each(Object.keys(PARTS).flatMap((name) => [10, 1_000].map((count) => [name, count] as const)))(
    '%s, %i in a frame',
    (name, count) => {
      const data = payload(count, PARTS[name]!)
      allocated(data)
      const ratio = allocated(data)
      console.log(`${name}, ${count} in a frame: ${ratio.toFixed(1)} bytes for each byte`)
      expect(ratio).toBeLessThan(24)
    },
  )
})
