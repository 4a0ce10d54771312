import type { Address } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import { TRUSTED } from '../ground/limits.js'
import type { Ref } from '../message/ref.js'
import { actorBehind } from '../proxy/marks.js'
import { borrow } from '../proxy/proxy.js'
import type { Realm } from '../realm/realm.js'
import { bytes } from '../wire/bytes.js'
import { goesByReference } from '../wire/by-reference.js'
import { Decoder } from '../wire/decode.js'
import { Encoder } from '../wire/encode.js'
import * as Tag from '../wire/tag.js'

/** Milliseconds that a message waits for an actor whose proxy was stored. */
const TTL = 10_000

/** The address of an actor that has no name is good for one run of its realm. */
type StoredAddress = Address & { readonly run?: string }

const runs = new WeakMap<Realm, string>()

/** A text that no other run of a realm has. */
function runOf(realm: Realm): string {
  let run = runs.get(realm)
  if (run === undefined) runs.set(realm, (run = realm.env.id()))
  return run
}

/** Writes values as bytes, and reads them. A proxy is stored as the address of its actor. */
export class Packer {
  readonly #realm: Realm
  readonly #sink = bytes.sink()
  #addresses: StoredAddress[] = []
  readonly #encoder: Encoder

  constructor(realm: Realm) {
    this.#realm = realm
    this.#encoder = new Encoder(
      {
        export: (value, _, encoder) => {
          if (!goesByReference(value)) return false
          const actor = typeof value === 'function' ? undefined : actorBehind(realm, value)
          if (!actor)
            throw encoder.refusal('uncloneable', 'what travels by reference cannot be stored, but for proxies')
          encoder.sink.tag(Tag.Yours)
          encoder.sink.number(this.#addresses.push(this.#stored(actor.actual)) - 1)
          return true
        },
      },
      TRUSTED,
      true,
      () => undefined,
    )
  }

  /** Throws `uncloneable`, `too-deep` or `too-large`, naming the path in the value. */
  pack(values: readonly unknown[]): Uint8Array {
    this.#addresses = []
    const body = this.#write(values)
    const head = this.#addresses.length > 0 ? this.#write(this.#addresses) : new Uint8Array()
    const packed = new Uint8Array(4 + head.length + body.length)
    new DataView(packed.buffer).setUint32(0, head.length, true)
    packed.set(head, 4)
    packed.set(body, 4 + head.length)
    return packed
  }

  unpack(packed: Uint8Array): unknown[] {
    const head = new DataView(packed.buffer, packed.byteOffset).getUint32(0, true)
    const addresses = head === 0 ? [] : this.#read(packed.subarray(4, 4 + head), [])
    return this.#read(packed.subarray(4 + head), addresses as StoredAddress[])
  }

  #stored(ref: Ref): StoredAddress {
    const { address } = ref
    const isLasting = address.name !== undefined || ref.isCalled?.(address.id)
    return isLasting ? { ...address } : { ...address, run: runOf(this.#realm) }
  }

  #refer({ run, ...address }: StoredAddress): Ref {
    if (run === undefined || run === runOf(this.#realm)) return this.#realm.refer(address, TTL)
    // Another actor may have that id by now.
    return this.#realm.refer({ ...address, path: `${address.path} of an earlier run` }, 0)
  }

  #write(values: readonly unknown[]): Uint8Array {
    const sink = this.#sink
    try {
      this.#encoder.begin(sink)
      sink.number(values.length)
      for (const value of values) this.#encoder.value(value)
      return sink.take().data as Uint8Array
    } catch (error) {
      sink.take()
      throw error
    }
  }

  #read(packed: Uint8Array, addresses: readonly StoredAddress[]): unknown[] {
    const decoder = new Decoder(
      {
        import: (_, source) => {
          const address = addresses[source.number()]
          if (typeof address?.path !== 'string') throw new ActorError('malformed', 'an address is missing')
          return borrow(this.#refer(address))
        },
      },
      TRUSTED,
    )
    decoder.begin(bytes.source(packed, Infinity))
    const values = Array.from({ length: decoder.number() }, () => decoder.value())
    if (decoder.fault) throw decoder.fault
    return values
  }
}
