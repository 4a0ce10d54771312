import type { Supervised } from './supervised.js'
import { ActorError } from '../ground/errors.js'
import type { Bound } from '../message/ref.js'

/** A proxy, or its last bound method, was collected. It does not keep a realm that is closed. */
const collected = new FinalizationRegistry<WeakRef<KeepAlive>>((keepAlive) => keepAlive.deref()?.check())

/**
 * What keeps an actor that a peer asked for and that has no name: places in the tables of peers, proxies and bound methods in
 * this realm, streams that are open. Once there is none of them left, and it is idle, it ends. If that peer is gone, it
 * ends whatever it does.
 */
export class KeepAlive {
  readonly #actor: Supervised
  #exports = 0
  /** Nobody could hold it yet. */
  #isNew = true
  #streams = 0
  /** The peer that asked for it is gone, and no other way leads to it. */
  #isOrphan = false
  #methods: WeakRef<Map<string, Bound>> | undefined
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
      this.#proxy = this.#held(proxy)
      this.#actor.home.env.keep?.(proxy)
    }
    return proxy
  }

  /** The bound methods of this realm, each of which keeps them all. */
  methods(): Map<string, Bound> {
    let methods = this.#methods?.deref()
    if (!methods) {
      methods = new Map()
      this.#methods = this.#held(methods)
    }
    return methods
  }

  /** The link of the peer that asked for it has ended for good. */
  orphan(): void {
    this.#isOrphan = true
    this.check()
  }

  /** Ends the actor if nothing keeps it. */
  check(): void {
    const actor = this.#actor
    if (this.#exports > 0 || actor.names?.length || this.#proxy?.deref() || this.#methods?.deref()) return
    if (!this.#isOrphan && (this.#isNew || this.#isBusy)) return
    const reason = new ActorError('released', `the last proxy to ${actor.address.path} was released`)
    void actor.life.stop({ mode: this.#isOrphan ? 'now' : 'drain', reason })
  }

  /** Something that keeps the actor until it is collected. */
  #held<T extends object>(keeper: T): WeakRef<T> {
    collected.register(keeper, new WeakRef<KeepAlive>(this))
    return new WeakRef(keeper)
  }

  get #isBusy(): boolean {
    const { state, isIdle, life } = this.#actor
    return this.#streams > 0 || state !== 'running' || !isIdle || life.timers.size > 0 || life.children.size > 0
  }
}
