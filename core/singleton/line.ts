import { ActorError } from '../ground/errors.js'
import type { Transport } from '../transport/transport.js'
import { flat } from '../wire/flat.js'
import { PREFIX } from './election.js'
import type { Platform, Wire } from './platform.js'

/**
 * The way between a follower and its leader. Payloads are numbered. The leader says the number of each as it reads it, before
 * anything that comes of it: a call in a payload that was not read has not run.
 */
export class Line implements Transport {
  readonly traits = {
    payload: 'clone',
    transfer: false,
    ordered: true,
    topology: 'pair',
    trusted: true,
    heartbeat: true,
  } as const
  readonly codec = flat
  readonly closed: Promise<ActorError>
  /** The number of the last payload that was sent, and of the last one that the leader has read. */
  lastSent = 0
  lastRead = 0
  /** Whether this is the leader's end. */
  readonly isLeaders: boolean
  #wire: Wire | undefined
  #heard!: (payload: unknown) => void
  #ended!: (reason: ActorError) => void

  /** `receive` must be called before anything can arrive. */
  constructor(platform: Platform, id: string, isLeaders: boolean) {
    this.isLeaders = isLeaders
    this.closed = new Promise((resolve) => (this.#ended = resolve))
    this.#wire = platform.open(PREFIX + id, (data) => {
      if (typeof data === 'number') this.lastRead = data
      else {
        const [number, payload] = data as [number, unknown]
        if (isLeaders) this.#wire?.postMessage(number)
        this.#heard(payload)
      }
    })
  }

  send(payload: unknown): void {
    this.#wire?.postMessage([this.lastSent + 1, payload])
    this.lastSent++
  }

  receive(listener: (payload: unknown) => void): void {
    this.#heard = listener
  }

  close(): void {
    this.#wire?.close()
    this.#wire = undefined
    this.#ended(new ActorError('unreachable', 'the line was closed here'))
  }
}
