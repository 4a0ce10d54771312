import type { ActorError } from '../../ground/errors.js'
import { Channel } from '../../transport/channel.js'
import type { Traits } from '../../transport/transport.js'
import { adaptive } from '../../wire/adaptive.js'
import { bytes } from '../../wire/bytes.js'
import type { Codec } from '../../wire/codec.js'

declare const structuredClone: (value: unknown) => unknown

/** What a connection is like. */
export interface WireKind {
  /** Whether the ends trust each other, and the platform clones values, as over a port. Else only bytes are carried. */
  readonly trusted?: boolean
  /**
   * Whether there is another connection when this one ends: the link goes on over it as over a WebSocket, or begins anew if
   * it is trusted. `true` unless `trusted`.
   */
  readonly lasting?: boolean
}

/** One end of a connection. Unless told otherwise it is not trusted and carries bytes, as a WebSocket does. */
export class Wire extends Channel {
  readonly traits: Traits
  readonly codec: Codec
  readonly facts = { loopback: true }
  readonly #send: (data: unknown) => void
  readonly #ended: () => void

  constructor(
    send: (data: unknown) => void,
    ended: () => void,
    { trusted = false, lasting = !trusted }: WireKind = {},
  ) {
    super()
    this.#send = trusted ? (data) => send(structuredClone(data)) : send
    this.#ended = ended
    this.codec = trusted ? adaptive : bytes
    this.traits = {
      payload: trusted ? 'clone' : 'bytes',
      transfer: false,
      ordered: true,
      topology: 'pair',
      trusted,
      heartbeat: true,
      reconnects: lasting && !trusted,
    }
  }

  override take(data: unknown): void {
    super.take(data)
  }

  override fail(reason: ActorError): void {
    super.fail(reason)
  }

  protected post(data: unknown): void {
    this.#send(data)
  }

  protected end(): void {
    this.#ended()
  }
}
