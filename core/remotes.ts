import type { Lease } from './link/lease.js'
import type { RemoteRef } from './link/remote-ref.js'

/** What is left of a reference that was collected. */
interface Remains {
  readonly key: string
  readonly leases: readonly Lease[]
}

/** The actors, functions and streams of other realms that somebody here holds; what nobody holds is given back. */
export class Remotes {
  /** Actors only: whoever hands one out again means the one that is known. */
  readonly #actors = new Map<string, WeakRef<RemoteRef>>()
  readonly #collected = new FinalizationRegistry<Remains>((remains) => this.#giveBack(remains))

  /** An actor by its key. */
  get(key: string): RemoteRef | undefined {
    return this.#actors.get(key)?.deref()
  }

  add(ref: RemoteRef): void {
    this.#actors.set(ref.key, new WeakRef(ref))
  }

  delete(ref: RemoteRef): void {
    if (this.get(ref.key) === ref) this.#actors.delete(ref.key)
  }

  *[Symbol.iterator](): Iterator<RemoteRef> {
    for (const weak of this.#actors.values()) {
      const ref = weak.deref()
      if (ref) yield ref
    }
  }

  /** Its leases end when nobody holds it any more. */
  guard(ref: RemoteRef): void {
    const { key, leases } = ref
    this.#collected.register(ref, { key, leases }, ref)
  }

  /** Its leases end now. */
  release(ref: RemoteRef): void {
    this.#collected.unregister(ref)
    this.delete(ref)
    this.#giveBack(ref)
  }

  #giveBack({ key, leases }: Remains): void {
    if (this.#actors.get(key)?.deref() === undefined) this.#actors.delete(key)
    for (const lease of leases) lease.end()
  }
}
