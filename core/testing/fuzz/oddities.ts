import type { Sink } from '../../wire/codec.js'
import * as Tag from '../../wire/tag.js'
import type { Dice } from '../random/dice.js'

/** What stands in place of a count, an index or a length that is right. */
export const NUMBERS = [
  -1,
  -0,
  0.5,
  Number.NaN,
  Infinity,
  -Infinity,
  64,
  1_000,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  1e308,
]
/** Texts that code may stumble over. */
export const TEXTS = [
  '',
  'a',
  'key',
  '__proto__',
  'constructor',
  'prototype',
  'then',
  'toString',
  'toJSON',
  'valueOf',
  'hasOwnProperty',
  'length',
  'cause',
  'code',
  'message',
  'stack',
  'Ünïcode',
  '\ud800',
  'surrogate \udfff',
  'line\nbreak\u001b[2J',
  '/',
  '/a/b',
  'x'.repeat(70),
  'é'.repeat(300),
]
/** What is written out by an honest side, in place of a value that the platform clones. */
export const STRAYS: readonly (() => object)[] = [
  () => ({ a: 1 }),
  () => [1, [2]],
  () => new Map([[1, {}]]),
  () => new Error('x'),
  () => new Date(0),
]

/** Deeper than the limit for peers that are not trusted, and now and then than any. */
export function deep(sink: Sink, dice: Dice): void {
  for (let left = dice.chance(0.02) ? 5_000 : 70; left > 0; left--) {
    sink.tag(Tag.Array)
    sink.number(1)
  }
}

/** A graph that is small as a frame, and endless as a tree. `containers` stand before it in the frame. */
export function doubling(sink: Sink, containers: number): void {
  for (let left = 30; left > 0; left--) {
    sink.tag(Tag.Array)
    sink.number(2)
  }
  for (let left = 30; left > 0; left--) {
    sink.number(0)
    sink.tag(Tag.Same)
    sink.number(containers + left)
  }
}

/** What claims to be far larger than it is. */
export function vast(sink: Sink, dice: Dice): void {
  sink.tag(dice.one([Tag.Array, Tag.Object, Tag.Map, Tag.Set] as const))
  sink.number(dice.one([10 ** 6, 2 ** 31, 2 ** 32 - 1, 2 ** 52]))
}
