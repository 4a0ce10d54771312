import { isOf } from '../../ground/slots.js'

/** A chunk of which nothing is known weighs so much. */
const SOME = 1_024

/** Bytes that a chunk of a stream takes, roughly. */
export function weigh(chunk: unknown): number {
  if (typeof chunk === 'string') return chunk.length * 2
  if (ArrayBuffer.isView(chunk) || isOf('ArrayBuffer', 'byteLength', chunk)) return (chunk as ArrayBuffer).byteLength
  return SOME
}

/** The chunks of one stream that left and that the other side is not known to have. */
export class Flow {
  /** Bytes. */
  size = 0
  readonly #sizes: number[] = []
  #arrived = 0

  sent(chunk: unknown): void {
    const size = weigh(chunk)
    this.size += size
    this.#sizes.push(size)
  }

  /** The other side has so many in all. */
  arrived(count: number): void {
    for (; this.#arrived < count && this.#sizes.length > 0; this.#arrived++) this.size -= this.#sizes.shift()!
  }
}
