import { ActorError, checkMilliseconds } from '../../core/adapter.js'
import { ASYNC_DISPOSE } from '../../core/ground/dispose.js'
import type { Held } from '../../core/shared/index.js'
import { given, has } from '../base/given.js'
import { checkOptions } from '../base/options.js'
import { type Claim, type Claims, TIMEOUT } from './claims.js'
import { Leases } from './leases.js'
import { checkName } from './name.js'

/** The options of `acquire` and `tryAcquire`. */
export interface LockOptions {
  /** What others can read while it is held: a value of JSON. */
  readonly context?: unknown
}

/** The options of `acquire`. */
export interface AcquireLockOptions extends LockOptions {
  /** Milliseconds after which it is waited for no longer. No limit unless given. */
  readonly timeout?: number
  /** When it fires, it is waited for no longer. What is held stays held. */
  readonly signal?: AbortSignal
}

/** Who holds a lock. */
export interface LockHolder {
  readonly token: number
  /** What the holder gave as its context; undefined if it gave none. */
  readonly context: unknown
}

/** Milliseconds between two attempts to get a lock that another one holds. */
const FIRST = 10
const LONGEST = 250
/** Characters of a context at most. */
const LARGEST = 65_536

/** Locks that all processes of a cluster share, each under a name of its own. */
export class Locks {
  readonly #claims: Claims
  readonly #leases: Leases

  constructor(claims: Claims) {
    this.#claims = claims
    this.#leases = new Leases(claims)
  }

  /**
   * Waits until the lock is free and holds it until `release`, or until this process can't renew its lease. Those who wait are
   * not served in order.
   *
   * Resolves to what is held: its `token` is larger than those of all holders before; its `signal` fires when the lock is lost.
   * Rejects with `timeout`, `aborted`, and `malformed` for wrong options. Rejects with `unreachable` if the server can't be
   * reached for 10 s, and with `unknown` if it does not answer, or too late for the lease: then the lock may stay held until the
   * lease is over.
   */
  async acquire(name: string, options: AcquireLockOptions = {}): Promise<Held> {
    const value = check(name, options)
    const { signal } = options
    const timeout = checkMilliseconds('timeout', options.timeout) ?? Infinity
    const until = performance.now() + timeout
    const id = crypto.randomUUID()
    for (let pause = FIRST; ; pause = Math.min(1.5 * pause, LONGEST)) {
      const held = await abortable(this.#attempt(name, id, value, until), signal)
      if (held) return held
      const wait = pause * (0.5 + Math.random())
      await abortable(sleep(Math.min(wait, until - performance.now())), signal)
      if (performance.now() >= until)
        throw new ActorError('timeout', `the lock '${name}' was held by others for ${timeout} ms`)
    }
  }

  /** As `acquire`, but does not wait: resolves to undefined if another one holds it. */
  async tryAcquire(name: string, options: LockOptions = {}): Promise<Held | undefined> {
    return this.#attempt(name, crypto.randomUUID(), check(name, options), Infinity)
  }

  /** Who holds a lock now; undefined if it is free. Rejects as `acquire` does. */
  async holder(name: string): Promise<LockHolder | undefined> {
    checkName(name, 'a lock')
    const claim = await this.#claims.find(name, TIMEOUT)
    return claim && { token: claim.token, context: contextOf(claim) }
  }

  /** Whether the lock is still held with this token, as the server sees it. Rejects as `acquire` does. */
  async check(name: string, token: number): Promise<boolean> {
    if (!Number.isSafeInteger(token))
      throw new ActorError('malformed', `'token' must be the number that a holder was given, not ${given(token)}`)
    return (await this.holder(name))?.token === token
  }

  async #attempt(name: string, id: string, value: string, until: number): Promise<Held | undefined> {
    const lost = new AbortController()
    const { isGranted, claim } = await this.#leases.claim(name, id, value, until, (reason) => lost.abort(reason))
    if (!isGranted) return undefined
    const release = async (): Promise<void> => {
      // If the server can't be reached, the lease ends by itself.
      if (this.#leases.delete(claim)) await this.#claims.release(claim, this.#claims.lease).catch(() => {})
    }
    return { token: claim.token, signal: lost.signal, release, [ASYNC_DISPOSE]: release }
  }
}

/** The context as a text. Throws `malformed`, or `too-large`. */
function check(name: string, options: AcquireLockOptions): string {
  checkName(name, 'a lock')
  checkOptions('a lock', options, ['timeout', 'signal', 'context'])
  const { context, signal } = options
  if (signal !== undefined && !(has(signal, 'addEventListener', 'removeEventListener') && 'aborted' in signal))
    throw new ActorError('malformed', `'signal' must be an AbortSignal, not ${given(signal)}`)
  const text = textOf(context)
  if (text.length <= LARGEST) return text
  throw new ActorError('too-large', `the context of a lock has ${text.length} characters of JSON, more than ${LARGEST}`)
}

function textOf(context: unknown): string {
  try {
    const text = JSON.stringify(context) as string | undefined
    if (text !== undefined || context === undefined) return text ?? ''
  } catch (cause) {
    throw new ActorError('malformed', 'the context of a lock must be a value of JSON', { cause })
  }
  throw new ActorError('malformed', `the context of a lock must be a value of JSON, not ${given(context)}`)
}

const contextOf = ({ value }: Claim): unknown => (value === '' ? undefined : JSON.parse(value))

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Rejects with `aborted` when the signal fires. What is held then is released once it comes. */
async function abortable<T extends Held | undefined | void>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return promise
  let tell = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    tell = () => reject(new ActorError('aborted', 'the lock is waited for no longer', { cause: signal.reason }))
    signal.addEventListener('abort', tell)
    if (signal.aborted) tell()
  })
  try {
    return await Promise.race([aborted, promise])
  } catch (error) {
    if (signal.aborted)
      promise.then(
        (held) => void held?.release(),
        () => {},
      )
    throw error
  } finally {
    signal.removeEventListener('abort', tell)
  }
}
