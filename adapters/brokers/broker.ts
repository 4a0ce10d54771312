import type { ActorError } from '../../core/adapter.js'

/**
 * What a bus needs of the server that carries it. An adapter makes one of a client such as node-redis.
 *
 * It may lose, repeat or hold back messages: the bus numbers them, and sends them again.
 */
export interface Broker {
  /** Bytes of the largest message that the server takes, if it says so. */
  readonly largest?: number | undefined
  /** Sends a message. Called only while the connection is up. Never throws and never rejects. */
  publish(subject: string, data: Uint8Array): void
  /** Resolves to the subjects with that prefix that have a subscriber now, if the server can tell. */
  subjects?(prefix: string): Promise<readonly string[]>
  /** Ends the subscriptions, and what the adapter opened; what was published leaves before. The user's own client goes on. */
  close(): void
}

/** What an adapter tells the bus. */
export interface BrokerListener {
  /** What all subjects of the bus begin with. */
  readonly prefix: string
  /** The subjects to subscribe to. */
  readonly subjects: readonly string[]
  /** A message came on that subject. */
  message(subject: string, data: Uint8Array): void
  /** The connection is up, and has the subscriptions. Called first when it is so for the first time. */
  up(): void
  /** The connection is down. The client connects anew by itself. */
  down(reason: ActorError): void
  /** The connection has ended for good. */
  end(reason: ActorError): void
}

/**
 * Opens what carries a bus. Resolves when the connection is up. When `signal` fires, it ends what it has opened. Rejects with
 * an `ActorError`.
 */
export type OpenBroker = (listener: BrokerListener, signal: AbortSignal | undefined) => Promise<Broker>
