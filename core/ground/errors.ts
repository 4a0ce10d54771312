// The room ground: what every room stands on: errors, limits, deadlines, and the one door to the platform (env).
import { messageOf } from './full-message.js'
import { printable } from './text.js'

/** What happened. Codes are never renamed; new ones may be added. */
export type ErrorCode =
  | 'timeout'
  | 'aborted'
  | 'unreachable'
  | 'unknown'
  | 'stopped'
  | 'not-found'
  | 'not-exposed'
  | 'id-in-use'
  | 'name-taken'
  | 'start-failed'
  | 'overloaded'
  | 'cycle'
  | 'escalated'
  | 'not-restartable'
  | 'not-movable'
  | 'empty-group'
  | 'uncloneable'
  | 'too-large'
  | 'too-deep'
  | 'malformed'
  | 'protocol'
  | 'version'
  | 'unauthorized'
  | 'origin'
  | 'handshake-timeout'
  | 'quota'
  | 'expired'
  | 'released'
  | 'stored-failed'
  | 'no-worker'

/** Whether the handler may have run. `'no'` means that it certainly has not. */
export type Ran = 'no' | 'maybe'

/** What these say by themselves. */
const FIXED: { readonly [code in ErrorCode]?: Ran } = { unreachable: 'no', overloaded: 'no', unknown: 'maybe' }
const PREFIX = '[troupe] '
const BRAND = Symbol.for('troupe.ActorError')

/**
 * The class of all errors that Troupe itself makes. What a handler throws is not wrapped in one.
 *
 * `instanceof` also works for errors of another copy of the package.
 */
export class ActorError extends Error {
  /** What happened. */
  readonly code: ErrorCode
  /** Whether the handler may have run. */
  readonly ran: Ran

  /** For adapters and mailboxes. `ran` is `'no'` unless given or fixed by the code. */
  constructor(code: ErrorCode, message: string, options: { ran?: Ran; cause?: unknown } = {}) {
    super(
      PREFIX + printable(messageOf(code, message)),
      options.cause !== undefined ? { cause: options.cause } : undefined,
    )
    this.code = code
    this.ran = FIXED[code] ?? options.ran ?? 'no'
  }

  /** This error if it says that the handler may have run, or else a copy that says so. */
  asRunning(): ActorError {
    if (this.ran === 'maybe') return this
    const text = withoutCode(this)
    // These two promise that nothing ran, so they cannot speak of a handler that did.
    if (FIXED[this.code] === 'no') return new ActorError('unknown', text, { cause: this })
    return new ActorError(this.code, text, { ran: 'maybe', cause: this.cause })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    try {
      return (value as Record<symbol, unknown> | undefined)?.[BRAND] === true
    } catch {
      // What was thrown may refuse to be looked at.
      return false
    }
  }
}
Object.defineProperties(ActorError.prototype, {
  [BRAND]: { value: true },
  name: { value: 'ActorError', configurable: true, writable: true },
})

/** What user code threw. A refusal that it met and threw on says nothing of the code itself: that has run. */
export const thrownBy = (error: unknown): unknown => (error instanceof ActorError ? error.asRunning() : error)

/** What it says beside its code, which a message may begin with: see terse-message.ts. */
export function withoutCode({ code, message }: ActorError): string {
  const text = message.slice(PREFIX.length)
  if (text === code) return ''
  return text.startsWith(`${code}: `) ? text.slice(code.length + 2) : text
}

/** Whether it says that a value cannot be sent. */
export const isUnsendable = ({ code }: ActorError): boolean => /^(unc|too)/.test(code)

/** The same, said of an argument of a method, counted from 0; of all of them where the method was given fewer. */
export function ofArgument(error: ActorError, method: string, place: number, given: number): ActorError {
  const isOne = place < given
  const text = `${isOne ? `argument ${place + 1} of ` : ''}${method}(): ${withoutCode(error)}`
  return isOne || isUnsendable(error) ? new ActorError(error.code, text, error) : error
}

/** What was thrown, as an ActorError: itself, or wrapped under `code` with itself as cause. */
export function asActorError(thrown: unknown, code: ErrorCode, message: string): ActorError {
  return thrown instanceof ActorError ? thrown : new ActorError(code, message, { cause: thrown })
}
