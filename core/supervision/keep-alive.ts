import type { Supervised } from './supervised.js'
import { ActorError } from '../ground/errors.js'

/** A proxy was collected: what it stood for may have lost its last one. It does not keep a realm that is closed. */
const collected = new FinalizationRegistry<WeakRef<KeepAlive>>((keepAlive) => keepAlive.deref()?.check())

/**
 * What keeps an actor that a peer asked for and that has no name: places in the tables of peers, proxies in this
 * realm, streams that are open. Once there is none of them left, and it is idle, it ends.
 */
export class KeepAlive {
  readonly #actor: Supervised
  #exports = 0
  /** Nobody could hold it yet. */
  #isNew = true
  #streams = 0
  #proxy: WeakRef<object> | undefined

  constructor(actor: Supervised) {
    this.#actor = actor
  }

  /** A peer holds it, or does not any more. */
  countExport(change: 1 | -1): void {
    this.#isNew = false
    this.#exports += change
    this.check()
  }

  stream(change: 1 | -1): void {
    this.#streams += change
    this.check()
  }

  /** The proxy of this realm: it does not keep the actor once it is collected. */
  proxy(make: () => object): object {
    let proxy = this.#proxy?.deref()
    if (!proxy) {
      proxy = make()
      this.#proxy = new WeakRef(proxy)
      collected.register(proxy, new WeakRef<KeepAlive>(this))
    }
    return proxy
  }

  /** Ends the actor if nothing keeps it. */
  check(): void {
    if (this.#exports > 0 || this.#isNew || this.#streams > 0) return
    const actor = this.#actor
    const { life } = actor
    if (actor.state !== 'running' || !actor.isIdle || life.isBusy || life.children.size > 0) return
    // A bound method keeps the actor, and nothing tells when it is collected.
    if (actor.names?.length || actor.methods || this.#proxy?.deref()) return
    void life.stop({ reason: new ActorError('released', `the last proxy to ${actor.address.path} was released`) })
  }
}
