import { holderOf } from '../../actor/actor.js'
import { sendAsk } from '../../message/ask.js'
import { DISPOSE } from '../../ground/dispose.js'
import { ActorError } from '../../ground/errors.js'
import type { Receiver } from '../../message/message.js'
import { borrow, boundMethod, boundOf, refOf } from '../../proxy/proxy.js'
import type { Realm } from '../../realm/realm.js'
import type { Ref } from '../../message/ref.js'
import { actorBehind } from '../../actor/actor-behind.js'
import { isReference } from '../../actor/reference.js'
import { isReadable, isWritable } from '../../ground/platform-streams.js'
import type { Decoder, Importer } from '../../wire/decode.js'
import type { Encoder, Exporter } from '../../wire/encode.js'
import type { Kind } from '../../wire/kind.js'
import { Tag } from '../../wire/tag.js'
import type { Owner } from '../../message/owner.js'
import { type Callable, type Exported, Exports } from './exports.js'
import { Flow } from '../streams/flow.js'
import { Imports } from './imports.js'
import { type Carrier, LinkRoute, linkRouteOf } from '../../remote/link-route.js'
import { readableOf, ReadableSteps } from '../streams/readable.js'
import { RemoteRef } from '../../remote/remote-ref.js'
import { RemoteStream } from '../streams/remote-stream.js'
import { Signals } from './signals.js'
import { WritableEnd, writableOf } from '../streams/writable.js'

declare const AbortSignal: abstract new () => AbortSignal

/** How the references of one link look in its frames, both ways. */
export class References implements Exporter, Importer {
  readonly exports: Exports
  readonly imports: Imports
  readonly #realm: Realm
  readonly #carrier: Carrier
  readonly #trusted: boolean
  readonly #serial: number
  /** The way home of imported functions and streams. */
  readonly #homes = new WeakMap<object, RemoteRef>()
  readonly #peer: () => string
  readonly #signals: Signals
  /** Of streams of the peer that are written to here. */
  readonly #flows = new Set<Flow>()
  /** Who hands out what the frame that is being written holds. */
  #owner: Owner | undefined

  constructor(realm: Realm, carrier: Carrier, trusted: boolean, quota: number, peer: () => string) {
    this.#realm = realm
    this.#carrier = carrier
    this.#trusted = trusted
    this.#serial = realm.serial()
    this.#peer = peer
    this.exports = new Exports(quota)
    this.#signals = new Signals(carrier, this.exports, quota)
    this.imports = new Imports(realm.remotes, quota, (index, count) => carrier.giveBack(index, count))
  }

  /** Bytes of streams that the peer is not known to have. */
  get buffered(): number {
    let size = this.exports.buffered
    for (const flow of this.#flows) size += flow.size
    return size
  }

  begin(owner: Owner | undefined): void {
    this.#owner = owner
    this.exports.begin()
  }

  undo(): void {
    this.exports.undo()
  }

  /** The link died: open streams run their `finally`, proxies found through this link are forgotten. */
  clear(): void {
    this.exports.clear()
    this.#signals.clear()
    this.#flows.clear()
    for (const ref of this.imports.clear()) {
      const route = linkRouteOf(ref)
      if (route?.carrier === this.#carrier && !route.next?.open) this.#realm.remotes.delete(ref)
    }
  }

  /** Where the actor is that a value was just sent as: its index, or the complement of the one that the peer gave it. */
  placeOf(value: unknown): number | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    const ref = actorBehind(this.#realm, value)?.actual
    const route = ref && linkRouteOf(ref)
    if (route?.carrier === this.#carrier) return ~route.index
    return ref && this.exports.indexOf(ref)
  }

  /** An actor of the peer's own, by its place. */
  theirs(place: number): Receiver {
    return new LinkRoute(this.#carrier, ~place)
  }

  /** Whether the peer holds this actor already. */
  knows(ref: Ref): boolean {
    return this.exports.indexOf(ref) !== undefined || linkRouteOf(ref)?.carrier === this.#carrier
  }

  /** Who sent a message: an untrusted peer speaks only for actors of its own. */
  senderOf(value: unknown): Ref | undefined {
    const ref = refOf(value)
    return this.#trusted || (ref && linkRouteOf(ref)?.carrier === this.#carrier) ? ref : undefined
  }

  export(value: object, kind: Kind | undefined, encoder: Encoder): boolean {
    // A function goes by reference as what it is, marked or not: it must arrive callable.
    if (typeof value !== 'function' && isReference(value)) return this.#exportActor(this.#realm.actorOf(value), encoder)
    switch (kind) {
      case 'object':
      case 'instance':
        return this.#exportObject(value, encoder)
      case 'platform':
      case undefined:
        return this.#exportOther(value, encoder)
      default:
        return false
    }
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
        const exported = this.exports.at(decoder.number())
        if (!exported || exported.kind === 'signal') {
          throw new ActorError('malformed', 'a reference comes home that was never handed out')
        }
        return exported.kind === 'actor' ? this.#atHome(exported.target) : exported.target
      }
      case Tag.Signal:
        return this.#signals.import(decoder)
      default:
        return this.#importValue(tag, decoder.number())
    }
  }

  #exportObject(value: object, encoder: Encoder): boolean {
    const ref = refOf(value) ?? (holderOf(value) as Ref | undefined)
    if (ref) return this.#exportActor(ref, encoder)
    const home = this.#homes.get(value)
    if (home) return this.#sendHome(linkRouteOf(home), encoder)
    if (typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] !== 'function') return false
    return this.#exportValue(Tag.Stream, { kind: 'stream', target: value as AsyncIterable<unknown> }, encoder)
  }

  #exportOther(value: object, encoder: Encoder): boolean {
    const home = this.#homes.get(value)
    if (home) return this.#sendHome(linkRouteOf(home), encoder)
    if (typeof value !== 'function') return this.#exportPlatform(value, encoder)
    const bound = boundOf(value)
    if (!bound) {
      const owner = this.#owner
      const exported = { kind: 'function', target: value as Callable, owner, instance: owner?.instance } as const
      return this.#exportValue(Tag.Function, exported, encoder)
    }
    encoder.sink.tag(Tag.Method)
    encoder.sink.string(bound.method)
    return this.#exportActor(bound.ref, encoder)
  }

  #exportPlatform(value: object, encoder: Encoder): boolean {
    if (value instanceof AbortSignal) {
      this.#signals.export(value, encoder)
      return true
    }
    // The peer may have it already, and have locked it by what it does with it.
    const known = this.exports.of(value)
    if (isReadable(value)) {
      const target = value as unknown as AsyncIterable<unknown>
      const exported = known ?? { kind: 'stream', target, iterator: new ReadableSteps(value) }
      return this.#exportValue(Tag.Readable, exported, encoder)
    }
    if (!isWritable(value)) return false
    const exported = known ?? { kind: 'writable', target: value, end: new WritableEnd(value) }
    return this.#exportValue(Tag.Writable, exported, encoder)
  }

  #exportActor(exported: Ref, encoder: Encoder): boolean {
    const { sink } = encoder
    const ref = exported.actual
    const route = linkRouteOf(ref)
    if (route?.carrier === this.#carrier) return this.#sendHome(route, encoder)
    const { address } = ref
    this.#exportValue(Tag.Actor, { kind: 'actor', target: ref }, encoder)
    if (ref instanceof RemoteRef) this.#realm.routes.passed(ref, this.#carrier)
    // What an untrusted peer said of its actor is not passed on as ours to vouch for: such an id cannot be a real one.
    if (ref instanceof RemoteRef && !ref.route.trusted) {
      sink.string(`/${ref.key}`)
      sink.string(address.kind)
      for (let field = 0; field < 3; field++) sink.undefined()
      return true
    }
    const optional = (value: string | undefined, implied?: string): void =>
      value === undefined || value === implied ? sink.undefined() : sink.string(value)
    sink.string(address.id)
    sink.string(address.kind)
    optional(address.name)
    optional(address.path, `/${address.name ?? address.id}`)
    optional(address.realm, this.#realm.id)
    return true
  }

  #sendHome(route: LinkRoute | undefined, { sink }: Encoder): boolean {
    if (!route) throw new ActorError('released', 'a reference that was let go of cannot be sent')
    sink.tag(Tag.Yours)
    sink.number(route.index)
    return true
  }

  #exportValue(tag: Tag, exported: Exported, { sink }: Encoder): boolean {
    const index = this.exports.add(exported)
    sink.tag(tag)
    sink.number(index)
    return true
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
    if (local) {
      // The peer need not keep for us what is here.
      this.imports.giveBack(index, 1)
      return this.#atHome(local)
    }
    const known = this.#realm.remotes.get(key)
    if (known) {
      if (!known.route.open) known.route = new LinkRoute(this.#carrier, index)
      if (this.imports.again(index) !== known) this.imports.add(index, known)
      return borrow(known)
    }
    const ref = new RemoteRef(this.#realm, { id, name, path, kind, realm }, key, new LinkRoute(this.#carrier, index))
    this.#realm.remotes.add(ref)
    this.imports.add(index, ref)
    this.#realm.routes.consider(ref)
    return borrow(ref)
  }

  /** What came back to where it is: a value that was marked is itself again, as a function is. */
  #atHome(ref: Ref): object {
    return this.#realm.valueOf(ref) ?? borrow(ref)
  }

  #importValue(tag: Tag, index: number): object {
    const known = this.imports.again(index)?.borrowed
    if (known) return known
    const kind = tag === Tag.Function ? 'function' : 'stream'
    const address = { id: `${kind} ${index}`, name: undefined, path: `/${kind} ${index}`, kind, realm: this.#peer() }
    const ref = new RemoteRef(this.#realm, address, `${this.#serial}#${index}`, new LinkRoute(this.#carrier, index))
    ref.borrowed = this.#faceOf(tag, ref, () => this.imports.forget(index))
    this.#homes.set(ref.borrowed, ref)
    this.imports.add(index, ref)
    return ref.borrowed
  }

  /** What stands here for what is there. */
  #faceOf(tag: Tag, ref: RemoteRef, ended: () => void): object {
    if (tag === Tag.Function) return callable(ref)
    if (tag === Tag.Stream) return new RemoteStream(ref, ended)
    if (tag === Tag.Readable) return readableOf(new RemoteStream(ref, ended))
    const flow = new Flow()
    this.#flows.add(flow)
    return writableOf(ref, flow, () => {
      this.#flows.delete(flow)
      ended()
    })
  }
}

/** A function elsewhere; disposing it gives it back. */
function callable(ref: RemoteRef): object {
  const call = (...args: unknown[]): Promise<unknown> => sendAsk(ref, '', args)
  return Object.defineProperty(call, DISPOSE, { value: () => ref.release() })
}
