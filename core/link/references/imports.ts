import { ActorError } from '../../ground/errors.js'
import { Lease, type Lessor } from '../../remote/lease.js'
import type { Carrier } from '../../remote/link-route.js'
import type { RemoteRef } from '../../remote/remote-ref.js'
import type { Remotes } from '../../remote/remotes.js'

/** What a peer handed out over one link and somebody here still holds, by its place in the table there. */
export class Imports implements Lessor {
  readonly #remotes: Remotes
  readonly #carrier: Carrier
  readonly #most: number
  readonly #leases = new Map<number, Lease>()
  readonly #self = new WeakRef(this)

  constructor(remotes: Remotes, carrier: Carrier, most: number) {
    this.#remotes = remotes
    this.#carrier = carrier
    this.#most = most
  }

  get size(): number {
    return this.#leases.size
  }

  /** What was handed out at that place. */
  at(index: number): RemoteRef | undefined {
    return this.#leases.get(index)?.ref
  }

  /** What was handed out at that place before, and now again. */
  again(index: number): RemoteRef | undefined {
    const lease = this.#leases.get(index)
    const ref = lease?.ref
    if (ref) lease!.count++
    return ref
  }

  /** Throws `quota` if the peer hands out more than it may. */
  add(index: number, ref: RemoteRef): void {
    const known = this.#leases.get(index)
    if (known?.ref === ref) return void known.count++
    const lease = new Lease(this.#self, index, ref)
    if (ref.leases.push(lease) === 1) this.#remotes.guard(ref)
    this.#leases.set(index, lease)
    if (this.size > this.#most) {
      throw new ActorError('quota', 'the peer sent more references than this side allows')
    }
  }

  returnLease(index: number, count: number): void {
    // It may have come again behind the one that was collected.
    if (this.#leases.get(index)?.count === 0) this.#leases.delete(index)
    this.#carrier.returnLease(index, count)
  }

  /** The peer has ended it: there is nothing to give back. */
  forget(index: number): void {
    const lease = this.#leases.get(index)
    if (lease) lease.count = 0
    this.#leases.delete(index)
  }

  /** The link died. */
  clear(): RemoteRef[] {
    const refs = Array.from(this.#leases.values(), ({ ref }) => ref).filter((ref) => ref !== undefined)
    this.#leases.clear()
    return refs
  }
}
