import { ActorError } from '../../ground/errors.js'
import type { Owner } from '../../message/owner.js'
import type { Receiver } from '../../message/message.js'
import type { Ref } from '../../message/ref.js'
import type { Flow } from '../streams/flow.js'

import type { WritableEnd } from '../streams/writable.js'

export type Callable = (...args: unknown[]) => unknown

/** Holds messages for an actor until its peer has changed its route. */
interface Gate extends Receiver {
  open(): void
}

interface Counted {
  /** How often it was handed out and not given back. */
  count?: number
}

/** What a peer may address: exactly what was handed to it over this link. */
export type Exported = Counted &
  (
    | { readonly kind: 'actor'; readonly target: Ref; gate?: Gate | undefined; untold?: () => void }
    | {
        readonly kind: 'function'
        readonly target: Callable
        readonly owner: Owner | undefined
        readonly instance?: object | undefined
      }
    | {
        readonly kind: 'stream'
        readonly target: AsyncIterable<unknown>
        iterator?: AsyncIterator<unknown>
        flow?: Flow
      }
    | { readonly kind: 'writable'; readonly target: object; readonly end: WritableEnd }
    | { readonly kind: 'signal'; readonly target: WeakRef<AbortSignal> }
  )

/** What was handed out over one link, by the place that the peer calls it by. */
export class Exports {
  /** Most references that the peer accepts. */
  quota: number
  readonly #entries = new Map<number, Exported>()
  readonly #indices = new Map<object, number>()
  /** An index is never given twice: a frame on its way may still mean the old one. */
  #next = 0
  /** Handed out by the frame that is being written. */
  #fresh: number[] = []

  constructor(quota: number) {
    this.quota = quota
  }

  get size(): number {
    return this.#entries.size
  }

  /** What was handed out, as it stands in the table. */
  of(target: object): Exported | undefined {
    const index = this.#indices.get(target)
    return index === undefined ? undefined : this.#entries.get(index)
  }

  /** Bytes of streams that the peer is not known to have. */
  get buffered(): number {
    let size = 0
    for (const entry of this.#entries.values()) if (entry.kind === 'stream') size += entry.flow?.size ?? 0
    return size
  }

  /** What the peer means by an index; undefined if it was never handed out, or was given back. */
  at(index: number): Exported | undefined {
    return this.#entries.get(index)
  }

  /** The place of what was handed out. */
  indexOf(target: object): number | undefined {
    return this.#indices.get(target)
  }

  /** A frame begins. */
  begin(): void {
    if (this.#fresh.length > 0) this.#fresh = []
  }

  /** The frame was taken back, and with it what it handed out. */
  undo(): void {
    for (const index of this.#fresh) this.#giveBack(index, 1)
    this.#fresh = []
  }

  /** The index of what is handed out, the same each time. Throws `quota`. */
  add(exported: Exported): number {
    let index = this.#indices.get(exported.target)
    if (index === undefined) {
      if (this.#entries.size >= this.quota) {
        throw new ActorError(
          'quota',
          `the peer holds as many references as its limit 'references' of ${this.quota} allows`,
        )
      }
      index = this.#next++
      this.#entries.set(index, exported)
      this.#indices.set(exported.target, index)
      if (exported.kind === 'actor') exported.target.lend(1)
    }
    const entry = this.#entries.get(index)!
    entry.count = (entry.count ?? 0) + 1
    this.#fresh.push(index)
    return index
  }

  /** The peer lets go of what it got so often. Throws `protocol` where that is more often than it got it. */
  giveBack(index: number, count: number): void {
    if (!this.#giveBack(index, count)) {
      throw new ActorError('protocol', 'the peer gave a reference back more often than it was handed out')
    }
  }

  /** It is over, however often it was handed out. */
  release(index: number): void {
    const entry = this.#entries.get(index)
    if (!entry) return
    this.#entries.delete(index)
    this.#indices.delete(entry.target)
    letGo(entry)
  }

  /** The link died. */
  clear(): void {
    const entries = [...this.#entries.values()]
    this.#entries.clear()
    this.#indices.clear()
    for (const entry of entries) letGo(entry)
  }

  // What is gone already ended by itself, such as a stream.
  #giveBack(index: number, count: number): boolean {
    const entry = this.#entries.get(index)
    if (!entry) return true
    const left = (entry.count ?? 0) - count
    entry.count = left
    if (left <= 0) this.release(index)
    return left >= 0
  }
}

function letGo(entry: Exported): void {
  if (entry.kind === 'stream') void endStream(entry.iterator ?? unopened(entry.target))
  if (entry.kind === 'writable') void entry.end.abandon()
  if (entry.kind !== 'actor') return
  entry.untold?.()
  entry.gate?.open()
  entry.target.lend(-1)
}

/** A stream of an actor that nobody opened is told so; what else iterates has nothing to end before it began. */
const unopened = (stream: AsyncIterable<unknown>): AsyncIterator<unknown> | undefined =>
  typeof (stream as Partial<AsyncIterator<unknown>>).return === 'function'
    ? (stream as AsyncIterable<unknown> & AsyncIterator<unknown>)
    : undefined

/** Lets a stream run its `finally`; what it says to that interests nobody any more. */
async function endStream(iterator: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await iterator?.return?.()
  } catch {
    // Nobody is left to tell.
  }
}
