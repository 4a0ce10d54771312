import { ActorError } from '../ground/errors.js'
import { checksum } from './checksum.js'

/** The form of records that this code writes. */
const FORMAT = 1
/** The form, and the sum of what follows. */
const HEAD = 5

/** Puts a checksum before the bytes of a record. */
export function seal(bytes: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEAD + bytes.length)
  record[0] = FORMAT
  new DataView(record.buffer).setUint32(1, checksum(bytes), true)
  record.set(bytes, HEAD)
  return record
}

/** The bytes of a record. Throws `stored-failed` if they are not what was written. */
export function unseal(key: string, record: Uint8Array): Uint8Array {
  const bytes = contentOf(record)
  if (record.length < HEAD || record[0] !== FORMAT || sumOf(record) !== checksum(bytes)) throw damaged(key)
  return bytes
}

/** The bytes of a record that is known to be whole. */
export const contentOf = (record: Uint8Array): Uint8Array => record.subarray(HEAD)

/** The checksum that a record states. */
export const sumOf = (record: Uint8Array): number =>
  new DataView(record.buffer, record.byteOffset, record.byteLength).getUint32(1, true)

export const damaged = (key: string): ActorError => new ActorError('stored-failed', `the record ${key} is damaged`)
