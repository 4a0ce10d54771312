import type {} from '../../core/adapter.js'
import type { Keyring } from './keyring.js'
import { type Kind, type Packet, readPacket, writePacket } from './packet.js'
import type { Seal } from './seal.js'

/** A packet that was read, with what it was signed with. */
export interface Letter {
  readonly packet: Packet
  readonly seal: Seal
}

/** Writes what one member sends, and reads what comes to it: packets that are signed for their subject. */
export class Letters {
  readonly #keyring: Keyring
  /** The number of the last packet without payloads. */
  #number = 0

  constructor(keyring: Keyring) {
    this.#keyring = keyring
  }

  /** A packet without payloads. */
  note(kind: Kind, received: number, subject: string, seal: Seal): Uint8Array {
    return this.write(kind, ++this.#number, received, [], subject, seal)
  }

  write(
    kind: Kind,
    number: number,
    received: number,
    body: readonly Uint8Array[],
    subject: string,
    seal: Seal,
  ): Uint8Array {
    const packet = writePacket(kind, this.#keyring.id, number, received, body, seal.size)
    seal.sign(packet, subject)
    return packet
  }

  /** Undefined for what no member has sent for that subject. `known` finds what a member signs with, if it is known. */
  read(data: Uint8Array, subject: string, known: (member: string) => Seal | undefined): Letter | undefined {
    const packet = readPacket(data, this.#keyring.own.size)
    const seal = packet && (known(packet.from) ?? this.#keyring.of(packet.from))
    return seal?.verify(data, subject) ? { packet: packet!, seal } : undefined
  }
}
