import { isSameBytes, type StoreChange, type StoreCommit } from '../../core/adapter.js'
import type { StreamMessage } from '../engines/jetstream.js'
import { joined } from '../base/joined.js'
import { keyOfText, textOfKey } from '../base/record-key.js'

/** The form of a message; whether it holds all records, not changes; whether more parts of it follow. */
const VERSION = 1
const FULL = 1
const MORE = 2
/** Version, flags, and the number of the attempt behind the id. */
const ID = 16
const HEAD = 2 + ID
/** In place of the length of a value: the record is removed. */
const REMOVED = 0xffff_ffff

/** All records are written again if the changes since the last time have more bytes than they, and than this. */
const LEAST = 64 * 1024
/** And if there are so many messages. */
const MOST = 256

/** What is to be added to a log. */
export interface Entry {
  readonly isFull: boolean
  readonly records: ReadonlyMap<string, Uint8Array | undefined>
}

/**
 * The records of one owner, as the messages of its subject tell them: each message holds the changes of commits, or all
 * records. A message that is too large comes in parts; parts without the last one count for nothing.
 */
export class NatsLog {
  readonly records = new Map<string, Uint8Array>()
  /** The number of its last message; 0 if there is none. */
  last = 0
  /** Bytes of all records, of all that is kept here, and of the changes since all were written. */
  #size = 0
  #changed = 0
  #messages = 0
  /** Parts of a message whose last one is missing. */
  #parts: Uint8Array[] = []
  #partsId = ''

  /** Bytes that it takes in memory, roughly. */
  get size(): number {
    return this.#size + 200 * (this.records.size + 1)
  }

  /** Takes the next message. Returns the id of what it completes; undefined for a part, and for what is no such message. */
  take({ seq, data }: Pick<StreamMessage, 'seq' | 'data'>): string | undefined {
    this.last = seq
    this.#messages++
    const [version, flags = 0] = data
    if (version !== VERSION || data.length < HEAD) return undefined
    const id = idOf(data)
    if (id !== this.#partsId) this.#parts = []
    this.#partsId = id
    this.#parts.push(data.subarray(HEAD))
    if (flags & MORE) return undefined
    const body = joined(this.#parts)
    this.#parts = []
    this.#apply({ isFull: (flags & FULL) !== 0, records: recordsIn(body) }, body.length)
    return id
  }

  /** What becomes of commits: which are made, and the records that they change in the end. */
  outcome(commits: readonly StoreCommit[]): { made: boolean[]; changed: Map<string, Uint8Array | undefined> } {
    const changed = new Map<string, Uint8Array | undefined>()
    const made = commits.map(({ expected, changes }) => {
      if (expected && !this.#holds(expected, changed)) return false
      // A copy: what was given may be changed before it is sent.
      for (const { key, value } of changes) changed.set(key, value && new Uint8Array(value))
      return true
    })
    return { made, changed }
  }

  /** How these changes are to be written: as they are, or once in a while with all other records. */
  entryOf(changed: ReadonlyMap<string, Uint8Array | undefined>): Entry {
    if (this.#messages < MOST && this.#changed <= Math.max(LEAST, this.#size))
      return { isFull: false, records: changed }
    const records = new Map(this.records)
    for (const [key, value] of changed) {
      if (value) records.set(key, value)
      else records.delete(key)
    }
    return { isFull: true, records }
  }

  #holds({ key, value }: StoreChange, changed: ReadonlyMap<string, Uint8Array | undefined>): boolean {
    return isSameBytes(changed.has(key) ? changed.get(key) : this.records.get(key), value)
  }

  #apply({ isFull, records }: Entry, bytes: number): void {
    if (isFull) {
      this.records.clear()
      this.#size = 0
      this.#messages = 1
    }
    this.#changed = isFull ? 0 : this.#changed + bytes
    for (const [key, value] of records) {
      this.#size -= this.records.get(key)?.length ?? -key.length
      if (value) {
        this.records.set(key, value)
        this.#size += value.length
      } else {
        this.records.delete(key)
        this.#size -= key.length
      }
    }
  }
}

/** An entry as messages of at most `largest` bytes. */
export function messagesOf({ isFull, records }: Entry, id: string, largest: number): Uint8Array[] {
  const body = bodyOf(records)
  const room = largest - HEAD
  const messages: Uint8Array[] = []
  for (let at = 0; at === 0 || at < body.length; at += room) {
    const part = body.subarray(at, at + room)
    const message = new Uint8Array(HEAD + part.length)
    message.set([VERSION, (isFull ? FULL : 0) + (at + room < body.length ? MORE : 0)])
    message.set(bytesOfId(id), 2)
    message.set(part, HEAD)
    messages.push(message)
  }
  return messages
}

/** An id that no other attempt has: 32 hexadecimal digits. */
export const newId = (): string => crypto.randomUUID().replaceAll('-', '')

const bytesOfId = (id: string): Uint8Array =>
  Uint8Array.from({ length: ID }, (_, at) => parseInt(id.slice(2 * at, 2 * at + 2), 16))

const idOf = (message: Uint8Array): string =>
  Array.from(message.subarray(2, HEAD), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Of each record: the length of its key, the key, the length of its value, the value. */
function bodyOf(records: ReadonlyMap<string, Uint8Array | undefined>): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [key, value] of records) {
    const text = new TextEncoder().encode(textOfKey(key))
    parts.push(lengthOf(text.length), text, lengthOf(value ? value.length : REMOVED))
    if (value) parts.push(value)
  }
  return joined(parts)
}

function recordsIn(body: Uint8Array): Map<string, Uint8Array | undefined> {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const records = new Map<string, Uint8Array | undefined>()
  for (let at = 0; at < body.length;) {
    const start = at + 4
    const end = start + view.getUint32(at)
    const length = view.getUint32(end)
    at = end + 4
    const key = keyOfText(new TextDecoder('utf-8', { ignoreBOM: true }).decode(body.subarray(start, end)))
    records.set(key, length === REMOVED ? undefined : body.slice(at, at + length))
    if (length !== REMOVED) at += length
  }
  return records
}

function lengthOf(length: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, length)
  return bytes
}
