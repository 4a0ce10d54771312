import type { Kind } from './kind.js'

/** What a value takes of memory when it is read, in units of 16 bytes. Each part of it takes 1, its text is not counted. */
export const WEIGHT: { readonly [K in Kind | 'signal']?: number } = {
  array: 2,
  object: 4,
  instance: 4,
  map: 7,
  set: 6,
  date: 10,
  boxed: 4,
  buffer: 12,
  view: 12,
  error: 12,
  signal: 40,
}

/** So much more than its bytes a payload may weigh: a small one may hold anything. Code: `too-large`. */
export const ALLOWANCE = 65_536
