// The room transport: the contract of a channel to another realm, and a pair of channels within one.
import type { ActorError } from '../ground/errors.js'
import type { Intensity } from '../ground/restarts.js'
import type { Codec } from '../wire/codec.js'

/** Stands for a payload that arrived and could not be read in this realm. */
export const UNREADABLE: unique symbol = Symbol('unreadable')

/** What a transport can do, as data. */
export interface Traits {
  /** Whether the platform clones values (`clone`), or only bytes are sent. */
  readonly payload: 'clone' | 'bytes'
  /** Whether buffers can be moved instead of copied. */
  readonly transfer: boolean
  /** Payloads arrive in the order in which they were sent. */
  readonly ordered: true
  /** Whether it has one other end, or many. */
  readonly topology: 'pair' | 'bus'
  /** Whether the other end is trusted, as memory, workers, threads and ports of the same origin are. */
  readonly trusted: boolean
  /** Whether a heartbeat is needed to notice the death of the other end. */
  readonly heartbeat: boolean
  /** Whether the other end may be there again over another transport after this one has ended. It carries texts as well. */
  readonly reconnects?: boolean
}

/** A channel that has no connection at the moment. */
export interface Outage {
  /** Why the connection ended, or why the last attempt to have another one failed. */
  readonly reason: ActorError
  /** Which attempt to connect is the next one, counted from 1; 0 where the other end is to connect. */
  readonly attempt: number
  /** When that is made, in milliseconds on the clock of `Env.now`. */
  readonly at: number
}

/** What a transport tells its link, if it outlives the connection that carries it. */
export interface OutageWatcher {
  /** The id of the dispatcher at the other end. */
  readonly peer: string
  /** What the other end may do here. */
  grant: object
  /** Whether the other end can connect anew. */
  understands(feature: 'resume'): boolean
  /** There is no connection, or one again. */
  changed(outage: Outage | undefined): void
  /** There is reason to ask the other end whether it is there. */
  suspect(): void
  /** Ends the link for good, and tells the other end why. */
  close(reason: ActorError): void
}

/** What a transport adds that outlives the connection which carries it. */
export interface Lasting {
  /** There is a link. Under the id a later connection finds the channel, if the other end looks for it. */
  begin(watcher: OutageWatcher, id: string): void
  /** Gives its connection away. */
  release(): Transport
}

/** A channel that may go on over another connection. */
export interface Resume {
  /** What the side that connects anew says of it: its id, and the number of payloads that came. */
  readonly claim: { readonly session: string; readonly received: number }
  /**
   * Takes the connection of a link, at whose other end so many payloads came. Throws `unreachable` if it had another one
   * meanwhile.
   */
  goOn(by: Predecessor, received: number): void
}

/** A link that only brought a channel another connection. */
export interface Predecessor {
  readonly transport: Transport
  readonly grant: object
  /** It is over, and what it has let in goes on. */
  handOver(): void
}

/** What is known of the other end before it sends anything. `authorize` gets it. */
export interface Facts {
  /** The origin of the page at the other end. */
  readonly origin?: string | undefined
  /** The HTTP request of a WebSocket: an `IncomingMessage` in Node.js. */
  readonly request?: unknown
  /** Whether the other end is on the same machine. */
  readonly loopback?: boolean
  /** The name in the key of a leaf, which the leaf has proved that it holds. */
  readonly leaf?: string
}

/**
 * What a transport adds that can move ports: a direct channel between two realms that both have such a link to this
 * one.
 */
export interface Ports {
  /** Returns the two ends of a new channel. Each can be moved over this transport. */
  channel(): readonly [object, object]
  /** Returns a transport over an end that was received over this one. */
  open(port: object): Transport
}

/**
 * A two-way channel to another realm.
 *
 * It keeps the order. After `closed` has resolved, it delivers nothing and ignores `send`. `close` may be called any
 * number of times.
 */
export interface Transport {
  /** What it can do. */
  readonly traits: Traits
  /** How frames are written. */
  readonly codec: Codec
  readonly facts?: Facts | undefined
  readonly ports?: Ports
  readonly lasting?: Lasting
  /** Resolves once, to the reason, when the channel has ended. Never rejects. */
  readonly closed: Promise<ActorError>
  /**
   * Sends one payload, and moves the objects in `transfer`. If the platform can't clone `data`, it throws and sends
   * nothing.
   */
  send(data: unknown, transfer: readonly object[]): void
  /**
   * Sets the listener. Called once, or again with another one if it `reconnects`; payloads that arrived before are delivered then. Each that could not be read here is
   * delivered as `UNREADABLE`, in its place.
   */
  receive(listener: (data: unknown) => void): void
  close(): void
  /** Bytes that were sent and have not left, if the platform tells. */
  readonly buffered?: number
  /**
   * The other end does not answer: told before `close`, for a channel whose other end may be heard again. Returns true for one
   * that goes on without `close`, over another connection.
   */
  silent?(reason: ActorError): boolean | void
  /** The other end is let in: until then it sends only what is small. */
  admitted?(): void
  /** Sets whether nothing more is taken from the other end, if the platform can wait. */
  pause?(paused: boolean): void
  /** Sets whether the channel keeps its process alive. At first it does not. */
  hold?(active: boolean): void
}

/** A secret that says who this side is, or a function that returns or resolves to one. */
export type Token = string | (() => string | undefined | Promise<string | undefined>)

/** Opens a transport to one peer: adapters such as `webWorker(…)` return it, and `connect` takes it. */
export interface Connector {
  /** Sent to the other end, whose `authorize` gets it. A function is called for each attempt to connect. */
  readonly token?: Token | undefined
  /** The file that the other end runs, if known. The log names it where nothing is heard from the other end. */
  readonly file?: string
  /** Adds to the dispatcher what only links of this kind need: `takeShortcuts`, or nothing. */
  readonly brings?: (realm: never) => unknown
  /** `returning` if `open` is to be called again after the link has died; it adds the code that does so. */
  readonly returns?: false | ((peers: never, dial: never, restart: never, file: never) => unknown)
  /** `resuming` if another transport may carry on what this one did; it adds the code that does so. */
  readonly resumes?: ((peers: never, connection: never, reconnect: never, connector: never) => unknown) | undefined
  /** `sharedHost` if all realms of an origin share the peer, which can run their singletons; it adds the code for that. */
  readonly hosts?: undefined | ((connect: never, key: string, options: never, isAble: unknown) => unknown)
  /** How often the peer is connected with anew, unless `connect` is told. */
  readonly restart?: Intensity
  /**
   * Calls `back` when a connection may be possible again, or may have ended unnoticed, and `left` when this realm ends.
   * Returns its undo.
   */
  readonly presence?: (back: () => void, left: () => void) => () => void
  /**
   * Opens the transport. `frame` is the size in bytes of the largest payload to accept. `signal` fires when the result
   * is no longer needed. Rejects with an `ActorError`, such as `start-failed` or `unreachable`.
   */
  open(frame: number, signal?: AbortSignal): Transport | Promise<Transport>
}
