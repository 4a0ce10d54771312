/** Bounds of one link and of the actors behind it. Sizes in bytes, times in milliseconds. */
export interface Limits {
  /** Largest frame on a byte link. Code: `too-large`. */
  frame: number
  /** Deepest nesting of a value. Code: `too-deep`. */
  depth: number
  /** Most values (containers and their elements) in one message. Code: `too-large`. */
  nodes: number
  /** Longest name of an actor, a method or a key of `actors`, in UTF-8 bytes. Code: `malformed`. */
  name: number
  /** Unanswered calls that a receiver admits from one link. More wait at the sender. Code: `overloaded`. */
  calls: number
  /** References held by one peer. Code: `quota`. */
  references: number
  /** Actors that one peer may have spawned here at a time. Code: `quota`. */
  actors: number
  /** From the transport's opening to both sides' consent. Code: `handshake-timeout`. */
  handshake: number
  /** Interval of the heartbeat; two misses end the link. Code: `unreachable`. */
  heartbeat: number
  /** Given to calls that state no deadline of their own. Code: `timeout`. */
  deadline: number
  /** Time to live of a message to a name that is not there, or not there any more. Codes: `expired`, `unreachable`. */
  early: number
}

/** Memory, workers, threads, child processes, same-origin ports. */
export const TRUSTED: Limits = {
  frame: 16 * 1024 * 1024,
  depth: 1_000,
  nodes: Infinity,
  name: 255,
  calls: 131_072,
  references: 1_048_576,
  actors: Infinity,
  handshake: 30_000,
  heartbeat: 15_000,
  deadline: Infinity,
  early: 5_000,
}

/** Everything else. */
export const UNTRUSTED: Limits = {
  ...TRUSTED,
  frame: 1024 * 1024,
  depth: 64,
  nodes: 100_000,
  calls: 1_024,
  references: 4_096,
  actors: 1_024,
  handshake: 5_000,
  deadline: 30_000,
}

/** Messages that may wait in one mailbox, or at one link for credit. Code: `overloaded`. */
export const QUEUE = 131_072

/** Bytes that a peer may send before it is authorized. */
export const HELLO_BYTES = 4_096
