import type { ActorError } from '../../ground/errors.js'
import { Channel } from '../../transport/channel.js'
import { bytes } from '../../wire/bytes.js'

/** One end of a connection that is not trusted and carries bytes, as a WebSocket is. */
export class Wire extends Channel {
  readonly traits = {
    payload: 'bytes',
    transfer: false,
    ordered: true,
    topology: 'pair',
    trusted: false,
    heartbeat: true,
    reconnects: true,
  } as const
  readonly codec = bytes
  readonly facts = { loopback: true }
  readonly #send: (data: unknown) => void
  readonly #ended: () => void

  constructor(send: (data: unknown) => void, ended: () => void) {
    super()
    this.#send = send
    this.#ended = ended
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
