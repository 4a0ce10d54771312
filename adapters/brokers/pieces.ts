import type {} from '../../core/adapter.js'

/** The bytes before each piece: its length, with the highest bit set if more of the same payload follows. */
const HEAD = 4
const MORE = 0x8000_0000

/** What a piece has more than its bytes. */
export const PIECE = HEAD

/** One piece of a payload, behind its length. */
export function headOf(length: number, isMore: boolean): Uint8Array {
  const head = new Uint8Array(HEAD)
  new DataView(head.buffer).setUint32(0, isMore ? length + MORE : length)
  return head
}

/** A piece, and whether more of the same payload follows. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly isMore: boolean
}

/** The pieces in a body, as views of it. Undefined for a body that is not made of pieces. */
export function piecesOf(body: Uint8Array): Piece[] | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const pieces: Piece[] = []
  for (let at = 0; at < body.length;) {
    if (body.length - at < HEAD) return undefined
    const head = view.getUint32(at)
    const isMore = head >= MORE
    const start = at + HEAD
    at = start + (isMore ? head - MORE : head)
    if (at > body.length) return undefined
    pieces.push({ bytes: body.subarray(start, at), isMore })
  }
  return pieces
}
