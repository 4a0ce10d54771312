import type { AnyTag } from '../../wire/codec.js'
import { ActorError } from '../../ground/errors.js'
import type { Readable, Writable } from '../../ground/platform-streams.js'
import type { Owner } from '../../message/owner.js'
import type { Ref } from '../../message/ref.js'
import { markOf } from '../../proxy/marks.js'
import { boundOf, refOf } from '../../proxy/proxy.js'
import { type LinkRoute, linkRouteOf } from '../../remote/link-route.js'
import type { Encoder } from '../../wire/encode.js'
import type { Exporter } from '../../wire/exporter.js'
import { Instance, type Kind } from '../../wire/kind.js'
import * as Tag from '../../wire/tag.js'
import { stepsOf } from '../streams/readable.js'
import { ReadableEnd, type StreamEnd } from '../streams/readable-end.js'
import { WritableEnd } from '../streams/writable.js'
import type { Callable, Exported } from './exports.js'
import { ReferenceReader } from './reference-reader.js'

/** Makes references of what travels by reference, and writes them: proxies, actors, functions, signals, streams. */
export class ReferenceWriter extends ReferenceReader implements Exporter {
  begin(owner: Owner | undefined): void {
    this.owner = owner
    this.exports.begin()
  }

  mark(): number {
    return this.exports.fresh
  }

  undo(mark?: number): void {
    this.exports.undo(mark)
  }

  export(value: object, kind: Kind | undefined, encoder: Encoder): boolean {
    if (typeof value === 'function') return this.#function(value as Callable, encoder)
    const represent = markOf(value)
    if (represent) return this.#actor(represent(this.realm, value), encoder)
    switch (kind) {
      case Tag.Object:
      case Instance: {
        const ref = refOf(value)
        if (ref) return this.#actor(ref, encoder)
        const stream = value as AsyncIterable<unknown>
        if (typeof stream[Symbol.asyncIterator] !== 'function') return false
        return this.#stream(Tag.Stream, value, () => new ReadableEnd(stream), encoder)
      }
      case Tag.Signal:
        this.realm.env.keep?.(value)
        this.signals.export(value as AbortSignal, encoder)
        return true
      case Tag.Readable:
        return this.#stream(kind, value, () => new ReadableEnd(value as never, stepsOf(value as Readable)), encoder)
      case Tag.Writable:
        return this.#stream(kind, value, () => new WritableEnd(value as Writable), encoder)
    }
    return false
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
    const { owner } = this
    return this.#write(Tag.Function, { kind: 'function', target: value, owner, instance: owner?.instance }, encoder)
  }

  /** One of the peer comes home. The peer may have it already, and have locked it by what it does with it. */
  #stream(tag: AnyTag, target: object, end: () => StreamEnd, encoder: Encoder): boolean {
    if (this.#sendHome(target, encoder)) return true
    const known = this.exports.of(target)
    if (!known && tag !== Tag.Stream && (target as Readable).locked)
      throw new ActorError('uncloneable', 'a stream that is locked cannot be sent')
    return this.#write(tag, known ?? { kind: 'stream', target, end: end() }, encoder)
  }

  #actor(exported: Ref, encoder: Encoder): boolean {
    const { realm, carrier } = this
    const ref = exported.actual
    const route = this.routeOf(ref)
    if (route) return this.#yours(route, encoder)
    const { id, kind, name, path, realm: owner } = ref.address
    this.#write(Tag.Actor, { kind: 'actor', target: ref }, encoder)
    realm.routes.passed(ref, carrier)
    // What an untrusted peer said of its actor is not passed on as ours to vouch for: such an id cannot be a real one.
    const fields =
      linkRouteOf(ref)?.carrier.trusted === false
        ? [`/${ref.key}`, kind, undefined, undefined, undefined]
        : [id, kind, name, path === `/${name ?? id}` ? undefined : path, owner === realm.id ? undefined : owner]
    for (const field of fields) encoder.value(field)
    return true
  }

  /** A function or a stream of the peer comes home; false for anything else. */
  #sendHome(value: object, encoder: Encoder): boolean {
    const home = this.homes.get(value)
    return home !== undefined && this.#yours(linkRouteOf(home), encoder)
  }

  #yours(route: LinkRoute | undefined, { sink }: Encoder): boolean {
    if (!route) throw new ActorError('released', 'a reference that was released cannot be sent')
    sink.tag(Tag.Yours)
    sink.number(route.index)
    return true
  }

  #write(tag: AnyTag, exported: Exported, { sink }: Encoder): boolean {
    const index = this.exports.add(exported)
    sink.tag(tag)
    sink.number(index)
    return true
  }
}
