import type {} from '../../core/adapter.js'

declare const TextEncoder: new () => { encode(text: string): Uint8Array }
declare const TextDecoder: new () => { decode(bytes: Uint8Array): string }

/** The kinds of packets, each as it is written. */
export const KINDS = {
  /** To all: a member has joined, or is connected again. To one: the answer of a member that did not know it. */
  here: 1,
  /** To all: the sender leaves. */
  gone: 2,
  /** Payloads of the link between the two. */
  data: 3,
  /** Says how many packets with payloads came. */
  ack: 4,
  /** The same, and asks for those that did not come. */
  sync: 5,
  /** The same, and asks for an answer of the kind `sync`. */
  ask: 6,
  /** The sender does not know the receiver, or takes it for gone. */
  lost: 7,
} as const

export type Kind = keyof typeof KINDS

/** A packet that was read. */
export interface Packet {
  readonly kind: Kind
  readonly from: string
  /** The number of a packet with payloads, from 1; of any other, a number that grows with each packet of the sender. */
  readonly number: number
  /** How many packets with payloads the sender has received of the receiver. */
  readonly received: number
  readonly body: Uint8Array
}

/** The first byte, and the version of this form. */
const MAGIC = 0x74
const VERSION = 1
/** Magic, version, kind and the length of the id; then the two numbers, behind the id. */
const FIXED = 4
const NUMBERS = 16
/** Bytes of the longest id. */
const LONGEST_ID = 128
/** The bytes that a packet has beside its body at most. */
export const OVERHEAD = FIXED + LONGEST_ID + NUMBERS

const NAMES = Object.fromEntries(Object.entries(KINDS).map(([name, value]) => [value, name])) as Record<number, Kind>

/**
 * A packet with room for a body and for `tail` bytes behind it:
 *
 *     't' · version · kind · length of id · id · number (float64) · received (float64) · body · tail
 */
export function writePacket(
  kind: Kind,
  from: string,
  number: number,
  received: number,
  body: readonly Uint8Array[],
  tail: number,
): Uint8Array {
  const id = new TextEncoder().encode(from)
  const at = FIXED + id.length
  const size = body.reduce((sum, part) => sum + part.length, at + NUMBERS)
  const packet = new Uint8Array(size + tail)
  packet.set([MAGIC, VERSION, KINDS[kind], id.length])
  packet.set(id, FIXED)
  const view = new DataView(packet.buffer)
  view.setFloat64(at, number)
  view.setFloat64(at + 8, received)
  let offset = at + NUMBERS
  for (const part of body) {
    packet.set(part, offset)
    offset += part.length
  }
  return packet
}

/** Undefined for what is no packet of this form. The body is a view of `bytes`; `tail` bytes at the end are left out. */
export function readPacket(bytes: Uint8Array, tail: number): Packet | undefined {
  const [magic, version, code = 0, length = 0] = bytes
  const at = FIXED + length
  const kind = NAMES[code]
  const isForm = magic === MAGIC && version === VERSION && kind !== undefined
  if (!isForm || length === 0 || length > LONGEST_ID || bytes.length < at + NUMBERS + tail) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const number = view.getFloat64(at)
  const received = view.getFloat64(at + 8)
  if (!Number.isSafeInteger(number) || !Number.isSafeInteger(received) || number < 0 || received < 0) return undefined
  const from = new TextDecoder().decode(bytes.subarray(FIXED, at))
  return { kind, from, number, received, body: bytes.subarray(at + NUMBERS, bytes.length - tail) }
}
