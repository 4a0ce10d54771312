import type { AnyTag } from '../../wire/codec.js'
import { DISPOSE } from '../../ground/dispose.js'
import { ActorError } from '../../ground/errors.js'
import type { Ref } from '../../message/ref.js'
import { borrow, boundMethod, requireRef } from '../../proxy/proxy.js'
import { LinkRoute } from '../../remote/link-route.js'
import { RemoteRef } from '../../remote/remote-ref.js'
import type { Decoder, Importer } from '../../wire/decode.js'
import * as Tag from '../../wire/tag.js'
import { Flow } from '../streams/flow.js'
import { readableOf } from '../streams/readable.js'
import { RemoteStream } from '../streams/remote-stream.js'
import { writableOf } from '../streams/writable.js'
import { References } from './references.js'

/** Reads the references of a link: what came from the peer, and what comes home. */
export class ReferenceReader extends References implements Importer {
  import(tag: AnyTag, decoder: Decoder): unknown {
    switch (tag) {
      case Tag.Actor:
        return this.#actor(decoder)
      case Tag.Method: {
        const method = decoder.name()
        return boundMethod(requireRef(decoder.value()), method)
      }
      case Tag.Yours: {
        const exported = this.exports.at(decoder.number())
        if (!exported || exported.kind === 'signal') {
          throw new ActorError('malformed', 'the peer returned a reference that it never received')
        }
        return exported.kind === 'actor' ? this.#atHome(exported.target) : exported.target
      }
      case Tag.Signal:
        return this.signals.import(decoder)
      default:
        return this.#other(tag, decoder.number())
    }
  }

  #actor(decoder: Decoder): object {
    const { realm, carrier, imports } = this
    const index = decoder.number()
    const id = decoder.name()
    const kind = decoder.name()
    const name = decoder.optionalString()
    const path = decoder.optionalString() ?? `/${name ?? id}`
    const owner = decoder.optionalString() ?? carrier.peer
    const key = carrier.trusted ? `${owner}/${id}` : `${this.serial}#${index}`
    const local = carrier.trusted && owner === realm.id ? realm.actors.get(id) : undefined
    if (local) {
      // The peer need not keep for us what is here.
      imports.returnLease(index, 1)
      return this.#atHome(local)
    }
    const known = realm.remotes.get(key)
    if (known) {
      const { route } = known
      // At another place of the same table is another actor, which was given the id of one that has ended.
      const isOther = route instanceof LinkRoute && route.carrier === carrier && route.index !== index
      if (!route.open || isOther) known.route = new LinkRoute(carrier, index)
      imports.add(index, known)
      return borrow(known)
    }
    const ref = new RemoteRef(realm, { id, name, path, kind, realm: owner }, key, new LinkRoute(carrier, index))
    realm.remotes.add(ref)
    imports.add(index, ref)
    realm.routes.shortcuts?.consider(ref)
    if (carrier.trusted) realm.directory.wake(name, ref)
    return borrow(ref)
  }

  /** What came back to where it is: a value that was marked is itself again, as a function is. */
  #atHome(ref: Ref): object {
    return this.realm.valueOf(ref) ?? borrow(ref)
  }

  #other(tag: AnyTag, index: number): object {
    const { realm, carrier, imports } = this
    this.came ??= []
    const known = imports.again(index)
    if (known) {
      this.came.push(known)
      return known.borrowed!
    }
    const kind = tag === Tag.Function ? 'function' : 'stream'
    const id = `${kind} ${index}`
    const address = { id, name: undefined, path: `/${id}`, kind, realm: carrier.peer }
    const ref = new RemoteRef(realm, address, `${this.serial}#${index}`, new LinkRoute(carrier, index))
    ref.borrowed = this.#faceOf(tag, ref, () => imports.forget(index))
    this.homes.set(ref.borrowed, ref)
    this.came.push(ref)
    imports.add(index, ref)
    return ref.borrowed
  }

  /** What stands here for what is there. */
  #faceOf(tag: AnyTag, ref: RemoteRef, ended: () => void): object {
    if (tag === Tag.Function) return callable(ref)
    if (tag === Tag.Stream) return new RemoteStream(ref, ended)
    if (tag === Tag.Readable) return readableOf(ref, new RemoteStream(ref, ended))
    const flow = new Flow()
    this.flows.add(flow)
    return writableOf(ref, flow, () => {
      this.flows.delete(flow)
      ended()
    })
  }
}

/** A function elsewhere; disposing it gives it back. */
function callable(ref: RemoteRef): object {
  const call = (...args: unknown[]): Promise<unknown> => ref.call('', args)
  return Object.defineProperty(call, DISPOSE, { value: () => ref.release() })
}
