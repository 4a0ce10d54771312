// What writers commit, and what their killer expects to find.
import { Buffer } from 'node:buffer'
import { DatabaseSync } from '@photostructure/sqlite'
import { sqlite } from 'troupe/sqlite'

/** Commits of the calls of a writer, in turn. */
const SIZES = [1, 1, 1, 10, 50]
/** Records of a commit, beside the count. */
const PARTS = 3
/** Bytes of a record, at most: several pages of the database. */
const LARGEST = 10_000

/** A store on the file, with node:sqlite where it is there, and what closes it. */
export function openStore(file) {
  const handle = process.getBuiltinModule?.('node:sqlite') ? undefined : new DatabaseSync(file)
  const store = sqlite(handle ?? file)
  const close = async () => {
    await store.close()
    handle?.close()
  }
  return { store, close }
}

/** How many commits the call has, counted from 0. */
export const sizeOf = (call) => SIZES[call % SIZES.length]

export const countKey = (name) => `count/${name}`
export const countValue = (n) => Buffer.from(String(n))

/** The records of a number. Their sizes and bytes follow from it, so that a torn one is known. */
export const recordsOf = (name, n) =>
  Array.from({ length: PARTS }, (_, part) => ({
    key: `log/${name}/${String(n).padStart(9, '0')}/${part}`,
    value: Buffer.alloc(((n * 7_919 + part * 104_729) % LARGEST) + 1, `${name}${n}.${part};`),
  }))
