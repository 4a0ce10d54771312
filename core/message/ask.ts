import { onAbort, tellsAbort } from '../ground/abort.js'
import { Abortable } from './abortable.js'
import { CallPromise, iterateResult, logIfUntaken, noticed } from './call-promise.js'
import type { Extensions, Receiver } from './message.js'
import { ActorError, isUnsendable } from '../ground/errors.js'
import { Message } from './message.js'
import { millisecondsOf } from '../ground/milliseconds.js'
import type { Home, Ref } from './ref.js'
import { Tap } from './tap.js'
import { isReadable } from '../ground/platform-streams.js'

/** The options of `ask`. */
export interface AskOptions {
  /**
   * Milliseconds until the call rejects with `timeout`; for a generator, the time of each step. The handler sees it as
   * `context.deadline`.
   */
  readonly timeout?: number
  /**
   * When it fires, the call rejects with `aborted`, a stream that the call returned ends, and `context.signal` of the
   * handler fires.
   */
  readonly signal?: AbortSignal
  /**
   * A text that is this call's own, such as a random one. A durable actor that is sent it again, after an error that leaves
   * open whether the call ran, gives the answer of the first and does not run it again.
   */
  readonly key?: string
}

/** Under this, a message says that it is to be acknowledged once it is stored, and not when it was handled. */
export const STORE = 'troupe:store'
/** Under this, a message has the key by which a durable actor knows it again. */
export const KEY = 'troupe:key'
/** Under this, a message says that it may have been handled before: only a durable actor, which knows its key, takes it. */
export const AGAIN = 'troupe:again'

/** About 25 days, the longest that platforms count. */
const FOREVER = 2 ** 31

type Settle = (value: unknown) => void

const CALL = Symbol('call')

const nothing: Settle = () => {}
// One executor for all promises; what it is given is taken out at once, and not kept: a result would hang on to it.
let resolver = nothing
let rejecter = nothing
const capture = (resolve: Settle, reject: Settle): void => {
  resolver = resolve
  rejecter = reject
}

/** The call that is being sent. */
let sending: Ask | undefined

/** Of what fails before a call is sent, the stack begins at the line of the call. */
function beginAtCaller(error: unknown): void {
  if (!(error instanceof ActorError && isUnsendable(error))) return
  // Only some platforms have it.
  const { captureStackTrace } = Error as { captureStackTrace?: (error: Error, below: unknown) => void }
  if (!captureStackTrace) return
  captureStackTrace(error, sendAsk)
  // The function that called `sendAsk` is the method of the proxy.
  if (error.stack) error.stack = error.stack.replace(/\n {4}at .*/, '')
}

/** A call whose outcome is a promise of this realm. */
export class Ask extends Message {
  readonly promise: Promise<unknown>
  readonly #resolve: Settle
  readonly #reject: Settle
  /** Hears of the outcome first, and gives what goes on. */
  #settling: ((outcome: unknown, isFailure: boolean) => unknown) | undefined

  constructor(
    method: string,
    args: readonly unknown[],
    sender: Receiver | undefined,
    deadline: number,
    extensions: Extensions | undefined,
    /** Whether to notice that no code uses the promise, which costs a little. */
    isNoticed = false,
  ) {
    super(method, args, sender, deadline, extensions)
    if (isNoticed) this.promise = new CallPromise(capture)
    // One property on a native promise: `for await` works on the call itself, and `await` stays on its fast path.
    else (this.promise = new Promise(capture) as Streaming)[Symbol.asyncIterator] = iterateResult
    this.#resolve = resolver
    this.#reject = rejecter
    resolver = rejecter = nothing
  }

  /**
   * Bounds the call, and the stream that it brings: the signal all of it, the timeout each step.
   */
  boundBy({ signal, timeout }: AskOptions, home: Home): void {
    const reason = (): ActorError =>
      new ActorError('aborted', `the caller aborted ${this.method}()`, { cause: signal!.reason })
    if (signal?.aborted) return this.cancel(reason())
    const release = signal && onAbort(signal, () => this.cancel(reason()))
    this.#settling = (outcome) => {
      release?.()
      if (outcome instanceof Abortable) {
        if (timeout !== undefined) outcome.timeout = timeout
        if (signal) outcome.giveUpWith(signal, reason)
      }
      // Whoever has it locked has all that is in it.
      if (!isReadable(outcome) || outcome.locked) return outcome
      const tap = new Tap(outcome, () => undo?.(), home, timeout)
      const undo = signal && onAbort(signal, () => tap.close(reason()))
      return tap.readable
    }
  }

  /** Calls `listener` with the outcome before anybody who awaits the promise sees it. */
  onSettling(listener: (outcome: unknown, isFailure: boolean) => void): void {
    const release = this.#settling
    this.#settling = (outcome, isFailure) => {
      const result = release ? release(outcome, isFailure) : outcome
      listener(result, isFailure)
      return result
    }
  }

  /** It is on its way over a link: from now on its promise tells which call it is of. */
  sent(): void {
    ;(this.promise as Called)[CALL] = this
  }

  protected resolve(value: unknown): void {
    const { parent } = this
    // A handler that is given up reads no further.
    if (parent && !parent.settled && value instanceof Abortable) {
      const { signal } = parent
      value.giveUpWith(signal, () => signal.reason as ActorError)
      value.reader = parent
    }
    this.#resolve(this.#settling ? this.#settling(value, false) : value)
  }

  protected reject(error: unknown): void {
    if (sending === this) beginAtCaller(error)
    const promise = this.promise as CallPromise
    if (promise.callee) logIfUntaken(promise, error, this.method)
    this.#reject(this.#settling ? this.#settling(error, true) : error)
  }

  protected override abandon(reason: ActorError): void {
    this.fail(reason)
  }
}

type Streaming = Promise<unknown> & AsyncIterable<unknown>

type Called = PromiseLike<unknown> & { [CALL]?: Ask | undefined }

/** The call that a promise is of, if that one left over a link. */
export const callOf = (promise: PromiseLike<unknown>): Ask | undefined => (promise as Called)[CALL]

/** Lets a promise that was made of a call's stand for that call. */
export function asCall<P extends PromiseLike<unknown>>(promise: P, of: PromiseLike<unknown>): P {
  ;(promise as Called)[CALL] = callOf(of)
  return promise
}

/** A message whose outcome nobody awaits: its error goes to the realm's log, and it is a dead letter if it never ran. */
class Tell extends Message {
  readonly #ref: Ref

  constructor(
    ref: Ref,
    method: string,
    args: readonly unknown[],
    sender: Receiver | undefined,
    extensions?: Extensions,
  ) {
    super(method, args, sender, Infinity, extensions)
    this.#ref = ref
  }

  override get expectsReply(): boolean {
    return false
  }

  protected resolve(): void {}

  protected reject(error: unknown): void {
    const { home, address } = this.#ref
    if (this.started) home.report(error, `tell(${address.path}).${this.method}()`)
    else home.lost(error, `${this.method}() to ${address.path}`)
  }
}

/** Who sends, and on behalf of which message. */
export interface Origin {
  readonly actor: Receiver
  readonly current: Message | undefined
}

/** The extensions of what a handler sends: those of its message, without what marks that message alone, and a key of its own. */
export function passedOn(current: Message | undefined, key?: string): Extensions | undefined {
  const extensions = current?.extensions
  const isMarked = extensions && (KEY in extensions || STORE in extensions)
  if (!isMarked && key === undefined) return extensions
  const { [KEY]: _, [STORE]: __, [AGAIN]: ___, ...rest } = extensions ?? {}
  return key === undefined ? rest : { ...rest, [KEY]: key }
}

/** Sends a call, or another kind of ask, and returns the promise of its outcome. */
export function sendAsk(
  ref: Ref,
  method: string,
  args: readonly unknown[],
  options?: AskOptions,
  from?: Origin,
  Kind: typeof Ask = Ask,
): Promise<unknown> {
  const { home } = ref
  const current = from ? from.current : home.current
  const timeout = options?.timeout ?? home.timeout
  const inherited = current?.deadline ?? Infinity
  // The one look at the clock: what follows in this call goes by the same reading.
  const now = timeout === Infinity && inherited === Infinity ? 0 : (home.time = home.env.now())
  const deadline = Math.min(now + timeout, inherited)
  const isNoticed = current !== undefined || ref.isElsewhere
  const ask = new Kind(
    method,
    args,
    from ? from.actor : current?.receiver,
    deadline,
    passedOn(current, options?.key),
    isNoticed,
  )
  ask.signed = from !== undefined
  if (isNoticed) (ask.promise as CallPromise).callee = ref.callee
  if (current) current.calls(ask)
  if (options) ask.boundBy(options, home)
  sending = ask
  if (!ask.settled) launch(ask, ref, now)
  sending = undefined
  // One that failed at once has not been seen by anybody.
  return ask.settled && !isNoticed ? noticed(ask.promise, method, ref.callee) : ask.promise
}

/** Sends a call that is ready, or leaves that to its sender. `now` is a reading of the realm's clock, where it has a deadline. */
export function launch(ask: Ask, ref: Ref, now: number): void {
  if (!ask.sender?.sends?.(ask, ref, ask.parent)) transmit(ask, ref, now)
}

/** Sends a call and gives it its time. */
export function transmit(ask: Ask, ref: Ref, now: number): void {
  const { home } = ref
  const { deadline } = ask
  ref.deliver(ask)
  if (ask.settled) return
  if (ask.slot >= 0) ask.sent()
  if (deadline !== Infinity) {
    if (!ask.list) home.deadlines.add(ask, now)
  } else home.deadlines.addDefault(ask, ref.defaultTimeout)
}

/** Throws `malformed` for options that are none; a timeout that cannot be told from forever is forever. */
export function checkAskOptions(options: AskOptions | undefined): AskOptions | undefined {
  const timeout = millisecondsOf(options, 'timeout')
  if (options?.signal !== undefined && !tellsAbort(options.signal))
    throw new ActorError('malformed', "'signal' must be an AbortSignal")
  if (options?.key !== undefined && (typeof options.key !== 'string' || !options.key))
    throw new ActorError('malformed', "'key' must be a text, and not empty")
  return timeout === undefined || timeout < FOREVER ? options : { ...options, timeout: Infinity }
}

/** Sends a one-way message. */
export function sendTell(ref: Ref, method: string, args: readonly unknown[], from?: Origin): void {
  const current = from ? from.current : ref.home.current
  const tell = new Tell(ref, method, args, from ? from.actor : current?.receiver, passedOn(current))
  tell.signed = from !== undefined
  if (!tell.sender?.sends?.(tell, ref, current)) ref.deliver(tell)
}
