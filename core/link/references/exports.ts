import { ActorError } from '../../ground/errors.js'
import type { Owner } from '../../message/owner.js'
import type { Receiver } from '../../message/message.js'
import type { Ref } from '../../message/ref.js'
import type { StreamEnd } from '../streams/readable-end.js'

export type Callable = (...args: unknown[]) => unknown

/** Holds messages for an actor until its peer has changed its route. */
interface Gate extends Receiver {
  readonly opened: Promise<void>
  enter(): void
  leave(): boolean
  open(): void
}

interface Entry {
  /** The place that the peer calls it by. */
  index?: number
  /** How often it was handed out and not given back. */
  count?: number
}

/** What a peer may address: exactly what was handed to it over this link. */
export type Exported = Entry &
  (
    | { readonly kind: 'actor'; readonly target: Ref; gate?: Gate | undefined; untold?: () => void }
    | {
        readonly kind: 'function'
        readonly target: Callable
        readonly owner: Owner | undefined
        readonly instance?: object | undefined
      }
    | { readonly kind: 'stream'; readonly target: object; readonly end: StreamEnd }
    | { readonly kind: 'signal'; readonly target: WeakRef<AbortSignal> }
  )

/** What was handed out over one link, by the place that the peer calls it by. */
export class Exports {
  /** Most references that the peer accepts. */
  quota: number
  readonly #entries = new Map<number, Exported>()
  readonly #known = new Map<object, Exported>()
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

  /** Bytes of streams that the peer is not known to have. */
  get buffered(): number {
    let size = 0
    for (const entry of this.#entries.values()) if (entry.kind === 'stream') size += entry.end.size
    return size
  }

  /** What the peer means by an index; undefined if it was never handed out, or was given back. */
  at(index: number): Exported | undefined {
    return this.#entries.get(index)
  }

  /** What was handed out, as it stands in the table. */
  of(target: object): Exported | undefined {
    return this.#known.get(target)
  }

  /** The place of what was handed out. */
  indexOf(target: object): number | undefined {
    return this.of(target)?.index
  }

  /** A frame begins. */
  begin(): void {
    if (this.#fresh.length > 0) this.#fresh = []
  }

  /** How much the frame has handed out by now. */
  get fresh(): number {
    return this.#fresh.length
  }

  /** The frame was taken back, or what it wrote behind its first `fresh` references, and with it what that handed out. */
  undo(fresh = 0): void {
    for (const index of this.#fresh.splice(fresh)) this.returnLease(index, 1)
  }

  /** The index of what is handed out, the same each time. Throws `quota`. */
  add(exported: Exported): number {
    const { target } = exported
    let entry = this.of(target)
    if (!entry) {
      if (this.size >= this.quota) {
        throw new ActorError(
          'quota',
          `the peer holds as many references as its limit 'references' of ${this.quota} allows`,
        )
      }
      entry = exported
      entry.index = this.#next++
      entry.count = 0
      this.#entries.set(entry.index, entry)
      this.#known.set(target, entry)
      if (entry.kind === 'actor') entry.target.countExport?.(1)
    }
    entry.count!++
    this.#fresh.push(entry.index!)
    return entry.index!
  }

  /** The peer lets go of what it got so often. Throws `protocol` where that is more often than it got it. */
  returnLease(index: number, count: number): void {
    const entry = this.at(index)
    // What is gone already ended by itself, such as a stream.
    if (!entry) return
    const left = (entry.count! -= count)
    if (left <= 0) this.release(index)
    if (left < 0) {
      throw new ActorError('protocol', 'the peer released a reference more often than it received it')
    }
  }

  /** It is over, however often it was handed out. */
  release(index: number): void {
    const entry = this.at(index)
    if (!entry) return
    this.#entries.delete(index)
    this.#known.delete(entry.target)
    if (entry.kind === 'stream') void entry.end.abandon()
    if (entry.kind !== 'actor') return
    entry.untold?.()
    entry.gate?.open()
    entry.target.countExport?.(-1)
  }

  /** The link died. */
  clear(): void {
    for (const index of Array.from(this.#entries.keys())) this.release(index)
  }
}
