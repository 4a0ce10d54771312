import { ActorError } from './errors.js'
import { isAmount } from './milliseconds.js'

/** Limits of one link, and of the actors that its peer spawned. Sizes are in bytes, times in milliseconds. */
export interface Limits {
  /** Largest frame on a byte link. Code: `too-large`. */
  frame: number
  /** Deepest nesting of a value. Code: `too-deep`. */
  depth: number
  /** Largest number of values (containers and their elements) in one message. Code: `too-large`. */
  nodes: number
  /** Longest name of an actor, a method or a key of `actors`, in UTF-8 bytes. Code: `malformed`. */
  name: number
  /**
   * Unanswered calls that one link may have, and twice as many of calls that other calls may wait for and of system
   * requests. More calls wait at the sender, up to 131,072. Calls that too many handlers wait for are refused where there
   * is no room. Code: `overloaded`.
   */
  calls: number
  /**
   * Bytes of the messages of one link that are under way: calls without a reply, and one-way messages that are not handled.
   * Four times as much with calls that other calls may wait for and system requests. At least `frame`. More waits at the
   * sender. Holds on links of bytes.
   */
  window: number
  /**
   * Bytes that may wait for a peer that came to this side and reads slowly. From an eighth of that on, nothing more is read
   * of it. Code: `overloaded`; `quota` ends the link with one that reads nothing.
   */
  unsent: number
  /**
   * Frames that are read of one peer in a second, on links of a listener such as `webSocketServer`. What comes faster waits
   * there and at the sender. `Infinity` unless given.
   */
  frameRate: number
  /** Bytes that are read of one peer in a second, in the same way. `Infinity` unless given. */
  byteRate: number
  /**
   * Part of the time of the thread, above 0 and up to 1, that one peer of a listener may have while others have little to do there.
   * What it asks for beyond that waits. 1/3 on untrusted links unless given.
   */
  share: number
  /** Actors that one peer may spawn in a second. `Infinity` unless given. Code: `quota`. */
  spawnRate: number
  /** References that one peer may hold. Code: `quota`. */
  references: number
  /** Living actors that one peer may have spawned. Code: `quota`. */
  actors: number
  /** Time from the opening of the transport until both sides have agreed. Code: `handshake-timeout`. */
  handshake: number
  /** Interval of the heartbeat. Two pings without an answer end the link. Code: `unreachable`. */
  heartbeat: number
  /** Time limit of calls that state none. Code: `timeout`. */
  deadline: number
  /**
   * Time that a link goes on without a connection, if it can have another one, as over WebSockets; 0 for none. Code:
   * `unreachable`.
   */
  resume: number
  /** Time that a message waits for an actor that was found by its name and is gone. Code: `unreachable`. */
  early: number
}

/** Memory, workers, threads, child processes, same-origin ports. */
export const TRUSTED: Limits = {
  frame: 16 * 1024 * 1024,
  depth: 400,
  nodes: Infinity,
  name: 255,
  calls: 131_072,
  window: 64 * 1024 * 1024,
  unsent: Infinity,
  frameRate: Infinity,
  byteRate: Infinity,
  share: 1,
  spawnRate: Infinity,
  references: 1_048_576,
  actors: Infinity,
  handshake: 30_000,
  heartbeat: 15_000,
  deadline: Infinity,
  resume: 60_000,
  early: 5_000,
}

/** Everything else. */
export const UNTRUSTED: Limits = {
  ...TRUSTED,
  frame: 1024 * 1024,
  depth: 64,
  nodes: 100_000,
  calls: 1_024,
  window: 4 * 1024 * 1024,
  unsent: 8 * 1024 * 1024,
  share: 1 / 3,
  references: 4_096,
  actors: 1_024,
  handshake: 5_000,
  deadline: 30_000,
}

const MAY_BE_0 = /^(references|actors|resume|early)$/
/** Milliseconds, rates and parts: all others count something. */
const MAY_BE_SMALL = /^(handshake|heartbeat|deadline|resume|early|share)$|Rate$/

/** Throws `malformed` for limits that are no object. */
export function checkLimits<T>(given: T): T {
  if (given === undefined || (typeof given === 'object' && given !== null)) return given
  throw new ActorError('malformed', `'limits' must be an object, not ${String(given)}`)
}

/** The limits with those that were given. Throws `malformed` for one of another name, and for one that is no number. */
export function limitsOf(defaults: Limits, given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries<unknown>(given)) {
    if (!(name in defaults)) {
      const names = Object.keys(defaults).join(', ')
      throw new ActorError('malformed', `there is no limit '${name}'; limits are ${names}`)
    }
    const isInRange =
      isAmount(value) &&
      (value >= 1 || (value ? MAY_BE_SMALL : MAY_BE_0).test(name)) &&
      (name !== 'share' || value <= 1)
    if (isInRange) continue
    const range = name === 'share' ? 'above 0 and up to 1' : MAY_BE_0.test(name) ? 'of 0 or more' : 'of 1 or more'
    const text = typeof value === 'string' ? `'${value}'` : String(value)
    throw new ActorError('malformed', `limit '${name}' must be a number ${range}, not ${text}`)
  }
  return { ...defaults, ...given }
}

/** The window of bytes: one frame has room in it. */
export const windowOf = ({ window, frame }: Pick<Limits, 'window' | 'frame'>): number =>
  Math.min(Math.max(window, frame), 2 ** 50)

/** Messages that may wait in one mailbox, or at one link for credit. Code: `overloaded`. */
export const QUEUE = 131_072

/** Bytes that a peer may send before it is authorized. */
export const HELLO_BYTES = 4_096
