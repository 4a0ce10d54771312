import { ActorError } from '../../ground/errors.js'
import type { Remotes } from '../../remote/remotes.js'
import { Lease, type Lessor } from '../../remote/lease.js'
import type { RemoteRef } from '../../remote/remote-ref.js'

/** What a peer handed out over one link and somebody here still holds, by its place in the table there. */
export class Imports implements Lessor {
  readonly #remotes: Remotes
  readonly #refs = new Map<number, WeakRef<RemoteRef>>()
  readonly #most: number
  /** Tells the peer that what it handed out so often is not needed any more. */
  readonly #release: (index: number, count: number) => void

  constructor(remotes: Remotes, most: number, release: (index: number, count: number) => void) {
    this.#remotes = remotes
    this.#most = most
    this.#release = release
  }

  get size(): number {
    return this.#refs.size
  }

  /** What was handed out at that place before, and now again. */
  again(index: number): RemoteRef | undefined {
    const ref = this.#refs.get(index)?.deref()
    if (ref) this.#count(index, ref)
    return ref
  }

  /** Throws `quota` if the peer hands out more than it may. */
  add(index: number, ref: RemoteRef): void {
    if (ref.leases.length === 0) this.#remotes.guard(ref)
    this.#count(index, ref)
    this.#refs.set(index, new WeakRef(ref))
    if (this.#refs.size > this.#most) {
      throw new ActorError('quota', 'the peer handed out more references than agreed')
    }
  }

  giveBack(index: number, count: number): void {
    // It may have come again behind the one that was collected.
    const ref = this.#refs.get(index)?.deref()
    if (!ref || this.#leaseOf(index, ref)?.count === 0) this.#refs.delete(index)
    this.#release(index, count)
  }

  /** The peer has ended it: there is nothing to give back. */
  forget(index: number): void {
    const ref = this.#refs.get(index)?.deref()
    const lease = ref && this.#leaseOf(index, ref)
    if (lease) lease.count = 0
    this.#refs.delete(index)
  }

  /** The link died. */
  clear(): RemoteRef[] {
    const refs = Array.from(this.#refs.values(), (weak) => weak.deref()).filter((ref) => ref !== undefined)
    this.#refs.clear()
    return refs
  }

  #count(index: number, ref: RemoteRef): void {
    const lease = this.#leaseOf(index, ref)
    if (lease) lease.count++
    else ref.leases.push(new Lease(this, index))
  }

  #leaseOf(index: number, { leases }: RemoteRef): Lease | undefined {
    return leases.find((lease) => lease.lessor === this && lease.index === index)
  }
}
