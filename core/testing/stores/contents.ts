import { alike, assert, equal } from '../expect.js'
import { bytes, holds, put, remove, shown, type StoreCase } from './case.js'

/** Bytes that differ from place to place. */
const many = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, place) => (place * 7 + (place >> 8) + seed) & 255)

/** Keys that a database may take for something else than text, or order in another way, in the order of JavaScript. */
const ODD = [
  '\u0000',
  '\u0000\u0000',
  '\u0000a',
  '\n',
  ' ',
  '"',
  '%',
  "'",
  "'); DROP TABLE troupe; --",
  '*',
  '/',
  '//',
  'A',
  '\\',
  '\\u0000',
  '_',
  'a',
  'a\u0000b',
  'a%',
  'a/b/c',
  'aa',
  'e\u0301',
  '~',
  '\u007f',
  'é',
  'a\u2028',
  '中文',
  '\ud800',
  '\ud800a',
  '😀',
  '😀b',
  '\udbff',
  '\udc00',
  '\ufeff',
  '\uffff',
].sort()

/** What records hold, and what they are called. */
export const contents: readonly StoreCase[] = [
  [
    'keeps values byte for byte: none, all of them, 1 MB, a part of a larger buffer',
    async ({ open }) => {
      const store = open()
      const values = { none: bytes(), all: many(256, 0), large: many(1 << 20, 3), part: many(100, 1).subarray(10, 20) }
      await store.commit([{ changes: Object.entries(values).map(([name, value]) => ({ key: `v/${name}`, value })) }])
      const records = new Map((await store.read('v/')).map(({ key, value }) => [key, value]))
      for (const [name, value] of Object.entries(values)) {
        const found = records.get(`v/${name}`)!
        equal(Object.getPrototypeOf(found), Uint8Array.prototype, 'the class of a value')
        equal(found.length, value.length, name)
        assert(
          found.every((byte, place) => byte === value[place]),
          name,
        )
      }
      const { large } = values
      const grown = { key: 'v/large', value: many(1 << 20, 4) }
      alike(await store.commit([{ expected: { key: 'v/large', value: large }, changes: [grown] }]), [true])
      alike(await store.commit([{ expected: { key: 'v/large', value: large }, changes: [grown] }]), [false])
    },
  ],
  [
    'keeps keys of any characters apart, in the order of JavaScript',
    async ({ open }) => {
      const store = open()
      const keys = ODD.map((odd) => `o/${odd}`)
      await store.commit(keys.toReversed().map((key) => ({ changes: [put(key, keys.indexOf(key))] })))
      await holds(store, 'o/', ...keys.map((key, place) => `${key} ${place}`))
      for (const odd of ODD) {
        const made = await store.commit([{ changes: [put(`${odd}/x`, 1)] }])
        alike(made, [true])
        assert((await store.read(`${odd}/`)).map(shown).includes(`${odd}/x 1`), `a prefix of ${JSON.stringify(odd)}`)
      }
      for (const [place, key] of keys.entries()) {
        alike(await store.commit([{ expected: put(key, place), changes: [remove(key)] }]), [true], key)
        equal((await store.read('o/')).length, keys.length - place - 1, 'records left')
      }
    },
  ],
  [
    'takes and returns copies',
    async ({ open }) => {
      const store = open()
      const value = bytes(1, 2, 3)
      await store.commit([{ changes: [{ key: 'c/k', value }] }])
      value.fill(9)
      const [first] = await store.read('c/')
      equal(shown(first!), 'c/k 1,2,3')
      first!.value.fill(8)
      await holds(store, 'c/', 'c/k 1,2,3')
      alike(await store.commit([{ expected: put('c/k', 1, 2, 3), changes: [] }]), [true])
    },
  ],
]
