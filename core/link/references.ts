import { sendAsk } from '../ask.js'
import { ActorError } from '../errors.js'
import { borrow, boundMethod, boundOf, refOf } from '../proxy.js'
import type { Realm } from '../realm.js'
import type { Ref } from '../ref.js'
import type { Sink } from '../wire/codec.js'
import type { Decoder, Importer } from '../wire/decode.js'
import type { Exporter } from '../wire/encode.js'
import { Tag } from '../wire/tag.js'
import { Gate } from './gate.js'
import { type Carrier, LinkRoute, linkRouteOf } from './link-route.js'
import { RemoteRef } from './remote-ref.js'
import { RemoteStream } from './remote-stream.js'

type Callable = (...args: unknown[]) => unknown

/** What a peer may address: exactly what was handed to it over this link. */
export type Exported =
  | { readonly kind: 'actor'; readonly target: Ref; gate?: Gate | undefined }
  | { readonly kind: 'function'; readonly target: Callable }
  | { readonly kind: 'stream'; readonly target: AsyncIterable<unknown>; iterator?: AsyncIterator<unknown> }

/** The references of one link, both ways; freed with it. */
export class References implements Exporter, Importer {
  /** Most references that the peer accepts. */
  quota: number
  readonly #realm: Realm
  readonly #carrier: Carrier
  readonly #trusted: boolean
  readonly #serial: number
  readonly #exported = new Map<number, Exported>()
  readonly #indices = new Map<object, number>()
  /** An index is never given twice: a frame on its way may still mean the old one. */
  #next = 0
  /** Handed out by the frame that is being written. */
  #fresh: number[] = []
  readonly #imported = new Map<number, object>()
  /** The way home of imported functions and streams. */
  readonly #homes = new WeakMap<object, RemoteRef>()
  readonly #peer: () => string

  constructor(realm: Realm, carrier: Carrier, trusted: boolean, quota: number, peer: () => string) {
    this.#realm = realm
    this.#carrier = carrier
    this.#trusted = trusted
    this.#serial = realm.serial()
    this.quota = quota
    this.#peer = peer
  }

  get exports(): number {
    return this.#indices.size
  }

  get imports(): number {
    return this.#imported.size
  }

  /** What the peer means by an index; undefined if it was never handed out. */
  at(index: number): Exported | undefined {
    return this.#exported.get(index)
  }

  /** The place of what was handed out. */
  indexOf(target: object): number | undefined {
    return this.#indices.get(target)
  }

  /** Hands an actor out to a peer that changes its route: what comes waits until `flow`. */
  gate(ref: Ref): number {
    const index = this.#add({ kind: 'actor', target: ref })
    const exported = this.#exported.get(index)
    if (exported?.kind === 'actor') exported.gate ??= new Gate(ref)
    return index
  }

  flow(index: number): void {
    const exported = this.#exported.get(index)
    if (exported?.kind !== 'actor') return
    exported.gate?.open()
    exported.gate = undefined
  }

  release(index: number): void {
    const exported = this.#exported.get(index)
    if (!exported) return
    this.#exported.delete(index)
    this.#indices.delete(exported.target)
  }

  begin(): void {
    if (this.#fresh.length > 0) this.#fresh = []
  }

  undo(): void {
    for (const index of this.#fresh) this.release(index)
    this.#fresh = []
  }

  /** The link died: open streams run their `finally`, proxies found through this link are forgotten. */
  clear(): void {
    for (const exported of this.#exported.values()) {
      if (exported.kind === 'stream') void endStream(exported.iterator)
    }
    for (const imported of this.#imported.values()) {
      if (!(imported instanceof RemoteRef)) continue
      const route = linkRouteOf(imported)
      if (route?.carrier !== this.#carrier || route.next?.open) continue
      if (this.#realm.remotes.get(imported.key) === imported) this.#realm.remotes.delete(imported.key)
    }
    this.#exported.clear()
    this.#indices.clear()
    this.#imported.clear()
  }

  /** Whether the peer holds this actor already. */
  knows(ref: Ref): boolean {
    return this.#indices.has(ref) || linkRouteOf(ref)?.carrier === this.#carrier
  }

  /** Who sent a message: an untrusted peer speaks only for actors of its own. */
  senderOf(value: unknown): Ref | undefined {
    const ref = refOf(value)
    return this.#trusted || (ref && linkRouteOf(ref)?.carrier === this.#carrier) ? ref : undefined
  }

  export(value: object, sink: Sink): boolean {
    const ref = refOf(value)
    if (ref) return this.#exportActor(ref, sink)
    const home = this.#homes.get(value)
    if (home) return this.#sendHome(linkRouteOf(home)!, sink)
    if (typeof value === 'function') {
      const bound = boundOf(value)
      if (!bound) return this.#exportValue(Tag.Function, { kind: 'function', target: value as Callable }, sink)
      sink.tag(Tag.Method)
      sink.string(bound.method)
      return this.#exportActor(bound.ref, sink)
    }
    // A call that was not awaited looks like a stream, and is a promise.
    if (value instanceof Promise) return false
    if (typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] !== 'function') return false
    return this.#exportValue(Tag.Stream, { kind: 'stream', target: value as AsyncIterable<unknown> }, sink)
  }

  import(tag: Tag, decoder: Decoder): unknown {
    switch (tag) {
      case Tag.Actor:
        return this.#importActor(decoder)
      case Tag.Method: {
        const method = decoder.name()
        const ref = refOf(decoder.value())
        if (!ref) throw new ActorError('malformed', 'a method has no actor')
        return boundMethod(ref, method)
      }
      case Tag.Yours: {
        const exported = this.at(decoder.number())
        if (!exported) throw new ActorError('malformed', 'a reference comes home that was never handed out')
        return exported.kind === 'actor' ? borrow(exported.target) : exported.target
      }
      default:
        return this.#importValue(tag, decoder.number())
    }
  }

  #exportActor(exported: Ref, sink: Sink): boolean {
    const ref = exported.actual
    const route = linkRouteOf(ref)
    if (route?.carrier === this.#carrier) return this.#sendHome(route, sink)
    const { address } = ref
    this.#exportValue(Tag.Actor, { kind: 'actor', target: ref }, sink)
    if (ref instanceof RemoteRef) this.#realm.routes.passed(ref, this.#carrier)
    // What an untrusted peer said of its actor is not passed on as ours to vouch for: such an id cannot be a real one.
    if (ref instanceof RemoteRef && !ref.route.trusted) {
      sink.string(`/${ref.key}`)
      sink.string(address.kind)
      for (let field = 0; field < 3; field++) sink.undefined()
      return true
    }
    sink.string(address.id)
    sink.string(address.kind)
    this.#optional(address.name, undefined, sink)
    this.#optional(address.path, `/${address.name ?? address.id}`, sink)
    this.#optional(address.realm, this.#realm.id, sink)
    return true
  }

  #optional(value: string | undefined, implied: string | undefined, sink: Sink): void {
    if (value === undefined || value === implied) sink.undefined()
    else sink.string(value)
  }

  #sendHome({ index }: LinkRoute, sink: Sink): boolean {
    sink.tag(Tag.Yours)
    sink.number(index)
    return true
  }

  #exportValue(tag: Tag, exported: Exported, sink: Sink): boolean {
    const index = this.#add(exported)
    sink.tag(tag)
    sink.number(index)
    return true
  }

  /** The index of what is handed out, the same each time. Throws `quota`. */
  #add(exported: Exported): number {
    const known = this.#indices.get(exported.target)
    if (known !== undefined) return known
    if (this.#indices.size >= this.quota) {
      throw new ActorError(
        'quota',
        `the peer holds as many references as its limit 'references' of ${this.quota} allows`,
      )
    }
    const index = this.#next++
    this.#exported.set(index, exported)
    this.#indices.set(exported.target, index)
    this.#fresh.push(index)
    return index
  }

  #importActor(decoder: Decoder): object {
    const index = decoder.number()
    const id = decoder.name()
    const kind = decoder.name()
    const name = decoder.optionalString()
    const path = decoder.optionalString() ?? `/${name ?? id}`
    const realm = decoder.optionalString() ?? this.#peer()
    const key = this.#trusted ? `${realm}/${id}` : `${this.#serial}#${index}`
    const local = this.#trusted && realm === this.#realm.id ? this.#realm.actors.get(id) : undefined
    if (local) return borrow(local)
    const known = this.#realm.remotes.get(key)
    if (known instanceof RemoteRef) {
      if (!known.route.open) known.route = new LinkRoute(this.#carrier, index)
      this.#imported.set(index, known)
      return borrow(known)
    }
    const ref = new RemoteRef(this.#realm, { id, name, path, kind, realm }, key, new LinkRoute(this.#carrier, index))
    this.#realm.remotes.set(key, ref)
    this.#admit(index, ref)
    this.#realm.routes.consider(ref)
    return borrow(ref)
  }

  #importValue(tag: Tag, index: number): object {
    const known = this.#imported.get(index)
    if (known && !(known instanceof RemoteRef)) return known
    const kind = tag === Tag.Stream ? 'stream' : 'function'
    const address = { id: `${kind} ${index}`, name: undefined, path: `/${kind} ${index}`, kind, realm: this.#peer() }
    const ref = new RemoteRef(this.#realm, address, `${this.#serial}#${index}`, new LinkRoute(this.#carrier, index))
    const value: object =
      tag === Tag.Stream
        ? new RemoteStream(ref, () => void this.#imported.delete(index))
        : (...args: unknown[]): Promise<unknown> => sendAsk(ref, '', args)
    this.#homes.set(value, ref)
    this.#admit(index, value)
    return value
  }

  #admit(index: number, value: object): void {
    this.#imported.set(index, value)
    if (this.#imported.size > this.#realm.limits[this.#trusted ? 'trusted' : 'untrusted'].references) {
      throw new ActorError('quota', 'the peer handed out more references than agreed')
    }
  }
}

/** Lets a stream run its `finally`; what it says to that interests nobody any more. */
async function endStream(iterator: AsyncIterator<unknown> | undefined): Promise<void> {
  try {
    await iterator?.return?.()
  } catch {
    // Nobody is left to tell.
  }
}
