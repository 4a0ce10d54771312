import type { Lease } from './lease.js'
import type { RemoteRef } from './remote-ref.js'

/** What is left of a reference that was collected. */
interface Remains {
  readonly remotes: Remotes
  readonly key: string
  readonly leases: readonly Lease[]
}

// One for all realms, since it must outlive them: where a registry is collected that has something to tell, V8 (as of
// Node 20) tells nothing more to any other.
const collected = new FinalizationRegistry<Remains>((remains) => remains.remotes.returnLease(remains))

/** The actors, functions and streams of other realms that somebody here holds; what nobody holds is given back. */
export class Remotes {
  /** Actors only, by their keys: whoever hands one out again means the one that is known. */
  readonly actors = new Map<string, WeakRef<RemoteRef>>()

  /** An actor by its key. */
  get(key: string): RemoteRef | undefined {
    return this.actors.get(key)?.deref()
  }

  add(ref: RemoteRef): void {
    this.actors.set(ref.key, new WeakRef(ref))
  }

  delete(ref: RemoteRef): void {
    if (this.get(ref.key) === ref) this.actors.delete(ref.key)
  }

  /** Its leases end when nobody holds it any more. */
  guard(ref: RemoteRef): void {
    const { key, leases } = ref
    ref.home.env.keep?.(ref)
    collected.register(ref, { remotes: this, key, leases }, ref)
  }

  /** Its leases end now. */
  release(ref: RemoteRef): void {
    collected.unregister(ref)
    this.delete(ref)
    this.returnLease(ref)
  }

  /** Ends the leases of a reference that is gone. */
  returnLease({ key, leases }: Pick<Remains, 'key' | 'leases'>): void {
    if (!this.get(key)) this.actors.delete(key)
    for (const lease of leases) lease.end()
  }
}
