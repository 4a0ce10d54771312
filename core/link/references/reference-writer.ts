import type { AnyTag } from '../../wire/codec.js'
import { isSignal } from '../../ground/abort.js'
import { ActorError } from '../../ground/errors.js'
import { isReadable, isWritable } from '../../ground/platform-streams.js'
import type { Owner } from '../../message/owner.js'
import type { Ref } from '../../message/ref.js'
import { markOf } from '../../proxy/marks.js'
import { boundOf, refOf } from '../../proxy/proxy.js'
import { type LinkRoute, linkRouteOf } from '../../remote/link-route.js'
import type { Encoder } from '../../wire/encode.js'
import type { Exporter } from '../../wire/exporter.js'
import type { Kind } from '../../wire/kind.js'
import * as Tag from '../../wire/tag.js'
import { ReadableSteps } from '../streams/readable.js'
import { ReadableEnd, type StreamEnd } from '../streams/readable-end.js'
import { WritableEnd } from '../streams/writable.js'
import type { Callable, Exported } from './exports.js'
import type { References } from './references.js'

/** Makes references of what travels by reference, and writes them: proxies, actors, functions, signals, streams. */
export class ReferenceWriter implements Exporter {
  readonly #references: References

  constructor(references: References) {
    this.#references = references
  }

  begin(owner: Owner | undefined): void {
    this.#references.owner = owner
    this.#references.exports.begin()
  }

  mark(): number {
    return this.#references.exports.fresh
  }

  undo(mark?: number): void {
    this.#references.exports.undo(mark)
  }

  export(value: object, kind: Kind | undefined, encoder: Encoder): boolean {
    if (typeof value === 'function') return this.#function(value as Callable, encoder)
    const represent = markOf(value)
    if (represent) return this.#actor(represent(this.#references.realm, value), encoder)
    switch (kind) {
      case 'object':
      case 'instance': {
        const ref = refOf(value)
        if (ref) return this.#actor(ref, encoder)
        if (this.#sendHome(value, encoder)) return true
        const stream = value as AsyncIterable<unknown>
        if (typeof stream[Symbol.asyncIterator] !== 'function') return false
        return this.#stream(Tag.Stream, value, () => new ReadableEnd(stream), encoder)
      }
      case 'platform':
        return this.#sendHome(value, encoder) || this.#platform(value, encoder)
      default:
        return false
    }
  }

  /** It goes by reference as what it is, marked or not: it must arrive callable. */
  #function(value: Callable, encoder: Encoder): boolean {
    if (this.#sendHome(value, encoder)) return true
    const bound = boundOf(value)
    if (bound) {
      encoder.sink.tag(Tag.Method)
      encoder.sink.string(bound.method)
      return this.#actor(bound.ref, encoder)
    }
    const { owner } = this.#references
    return this.#write(Tag.Function, { kind: 'function', target: value, owner, instance: owner?.instance }, encoder)
  }

  #platform(value: object, encoder: Encoder): boolean {
    if (isSignal(value)) {
      this.#references.realm.env.keep?.(value)
      this.#references.signals.export(value, encoder)
      return true
    }
    if (isReadable(value)) {
      const end = (): StreamEnd => new ReadableEnd(value as never, new ReadableSteps(value))
      return this.#stream(Tag.Readable, value, end, encoder)
    }
    return isWritable(value) && this.#stream(Tag.Writable, value, () => new WritableEnd(value), encoder)
  }

  /** The peer may have it already, and have locked it by what it does with it. */
  #stream(tag: AnyTag, target: object, end: () => StreamEnd, encoder: Encoder): boolean {
    const known = this.#references.exports.of(target)
    return this.#write(tag, known ?? { kind: 'stream', target, end: end() }, encoder)
  }

  #actor(exported: Ref, encoder: Encoder): boolean {
    const { sink } = encoder
    const { realm, carrier } = this.#references
    const ref = exported.actual
    const route = this.#references.routeOf(ref)
    if (route) return this.#yours(route, encoder)
    const { address } = ref
    this.#write(Tag.Actor, { kind: 'actor', target: ref }, encoder)
    realm.routes.passed(ref, carrier)
    // What an untrusted peer said of its actor is not passed on as ours to vouch for: such an id cannot be a real one.
    if (linkRouteOf(ref)?.carrier.trusted === false) {
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
    optional(address.realm, realm.id)
    return true
  }

  /** A function or a stream of the peer comes home; false for anything else. */
  #sendHome(value: object, encoder: Encoder): boolean {
    const home = this.#references.homes.get(value)
    return home !== undefined && this.#yours(linkRouteOf(home), encoder)
  }

  #yours(route: LinkRoute | undefined, { sink }: Encoder): boolean {
    if (!route) throw new ActorError('released', 'a reference that was released cannot be sent')
    sink.tag(Tag.Yours)
    sink.number(route.index)
    return true
  }

  #write(tag: AnyTag, exported: Exported, { sink }: Encoder): boolean {
    const index = this.#references.exports.add(exported)
    sink.tag(tag)
    sink.number(index)
    return true
  }
}
