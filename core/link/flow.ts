/** A chunk of which nothing is known weighs so much. */
const SOME = 1_024

/** Bytes that a chunk of a stream takes, roughly. */
export function weigh(chunk: unknown): number {
  if (typeof chunk === 'string') return chunk.length * 2
  if (chunk instanceof ArrayBuffer || ArrayBuffer.isView(chunk)) return chunk.byteLength
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

/** Bytes of one stream that may be on their way at a time, and most chunks of it. */
const WINDOW = 256 * 1024
const MOST = 64

/** How many chunks of that weight may be on their way at a time: one of any weight. */
export const windowOf = (weight: number): number => Math.min(MOST, Math.max(1, Math.floor(WINDOW / weight)))
