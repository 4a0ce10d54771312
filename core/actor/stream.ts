import { type Aborter, aborter } from '../ground/abort.js'
import { type Move, SteppedStream } from '../message/stepped-stream.js'
import { Ask, launch } from '../message/ask.js'
import type { Handler } from './handler.js'
import { ActorError } from '../ground/errors.js'
import type { Caller, Message } from '../message/message.js'

type Steps = Iterator<unknown> | AsyncIterator<unknown>

/** One step of a stream. It begins like any other message of its actor, and leaves the actor free while it awaits. */
export class Step extends Ask {
  readonly #stream: ActorStream
  readonly #move: Move

  constructor(
    stream: ActorStream,
    { method, sender, extensions }: Message,
    move: Move,
    value: unknown,
    deadline = Infinity,
  ) {
    super(`${method}().${move}`, [value], sender, deadline, extensions)
    this.#stream = stream
    this.#move = move
  }

  override get caller(): Caller | undefined {
    return this.#stream.caller
  }

  /** One signal for all steps: a body may hold on to the one it found first. */
  override get signal(): AbortSignal {
    return this.#stream.signal
  }

  /** The step that the body is at: what the body does is on its behalf. */
  get present(): Message | undefined {
    return this.#stream.present
  }

  override invoke(instance: object): unknown {
    if (this.#stream.isOf(instance)) return this.#stream.run(this, this.#move, this.args[0])
    this.refuse(new ActorError('stopped', 'the actor was restarted, and its streams ended'))
    return undefined
  }

  /** Who gives a step up reads no further. */
  override cancel(reason: ActorError): void {
    const isNews = !this.settled && !this.gaveUp
    super.cancel(reason)
    if (isNews) this.#stream.giveUp(reason)
  }

  protected override signalled(reason: ActorError): void {
    this.#stream.abort(reason)
  }

  protected override resolve(value: unknown): void {
    if ((value as IteratorResult<unknown> | undefined)?.done) this.#stream.end()
    super.resolve(value)
  }

  protected override reject(error: unknown): void {
    const isThrown = this.started && !this.gaveUp
    if (isThrown) this.#stream.end()
    // Its actor ends, and with it the stream, which is what was asked for.
    const isOver = !isThrown && this.#move === 'return' && (error as ActorError).code === 'stopped'
    if (isOver) super.resolve({ done: true, value: this.args[0] })
    else super.reject(error)
  }
}

/** Whether a method returned a generator: something that is run step by step. */
export function isGenerator(value: unknown): value is Steps {
  if (typeof value !== 'object' || value === null) return false
  const tag = (value as Record<symbol, unknown>)[Symbol.toStringTag]
  return tag === 'AsyncGenerator' || tag === 'Generator'
}

/**
 * A generator of an actor: each run from one `yield` to the next is one message of its mailbox. Others are handled
 * between steps, and while a step awaits. The body starts at the first `next()`.
 */
export class ActorStream extends SteppedStream implements AsyncIterableIterator<unknown> {
  readonly #actor: Handler
  readonly #origin: Message
  /** The instance that made it: no other one goes on with it. */
  readonly #instance: object
  readonly #steps: Steps
  #started = false
  /** Nobody asks for steps any more. */
  #over = false
  /** Whether it keeps its actor. */
  #keeps: boolean
  #aborter: Aborter | undefined
  #reason: ActorError | undefined
  /** Why it was over before its end. */
  #given: ActorError | undefined
  /** The last step that was asked for. */
  #last: Step | undefined
  /** Steps that the body has begun, or will begin by itself when it is through with the one before. */
  readonly #begun: Step[] = []

  constructor(actor: Handler, origin: Message, instance: object, steps: Steps) {
    super()
    this.#actor = actor
    this.#origin = origin
    this.#instance = instance
    this.#steps = steps
    this.#keeps = actor.stream(1)
  }

  get caller(): Caller | undefined {
    return this.#origin.caller
  }

  get signal(): AbortSignal {
    this.#aborter ??= aborter()
    if (this.#reason) this.#aborter.abort(this.#reason)
    return this.#aborter.signal
  }

  abort(reason: ActorError): void {
    this.#reason = reason
    this.#aborter?.abort(reason)
  }

  giveUp(reason: ActorError): void {
    if (this.#over) return
    this.#fall(reason)
    if (!this.#started) return this.end()
    const step = new Step(this, this.#origin, 'return', undefined)
    // What it says to that interests nobody any more.
    step.promise.catch(() => {})
    this.#actor.deliver(step)
  }

  /** Its actor ends or begins anew. Resolves when its `finally` has run, if it is between two steps. */
  async close(reason: ActorError): Promise<void> {
    const runs = this.present
    this.#fall(reason)
    this.end()
    const closing = this.#actor.beside(`${this.#origin.method}().return`, () => this.move('return', undefined))
    if (!runs) await closing
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.step('next', value)
  }

  return(value?: unknown): Promise<IteratorResult<unknown>> {
    return this.step('return', value)
  }

  throw(error?: unknown): Promise<IteratorResult<unknown>> {
    return this.step('throw', error)
  }

  /** A body that never started is only dropped. `outer` is the peer's message that asks for the step, and bounds it. */
  step(move: Move, value: unknown, outer?: Message): Promise<IteratorResult<unknown>> {
    if (move === 'return' && !this.#started) this.end()
    if (this.#over) return this.#afterwards(move, value)
    if (!this.#started) this.#actor.life.streams.add(this)
    this.#started = true
    const actor = this.#actor
    const { home } = actor
    const within = outer ?? home.current
    const timeout = outer ? Infinity : (this.timeout ?? home.timeout)
    const inherited = within?.deadline ?? Infinity
    const now = timeout === Infinity && inherited === Infinity ? 0 : (home.time = home.env.now())
    const step = new Step(this, this.#origin, move, value, Math.min(now + timeout, inherited))
    this.#last = step
    if (outer) {
      outer.ties.inner = step
      if (outer.chain) step.ties.chain = outer.chain
      actor.deliver(step)
    } else {
      within?.calls(step)
      if (!step.settled) launch(step, actor, now)
    }
    return step.promise as Promise<IteratorResult<unknown>>
  }

  get present(): Step | undefined {
    return this.#begun[0]
  }

  isOf(instance: object): boolean {
    return instance === this.#instance
  }

  /** Runs the body to its next `yield`. */
  run(step: Step, move: Move, value: unknown): unknown {
    const through = (): void => void this.#begun.shift()
    this.#begun.push(step)
    let result: unknown
    try {
      result = this.move(move, value)
    } finally {
      const { then } = (result ?? {}) as Partial<PromiseLike<unknown>>
      if (then) then.call(result as PromiseLike<unknown>, through, through)
      else through()
    }
    return result
  }

  move(move: Move, value: unknown): unknown {
    const run = this.#steps[move]
    return run ? Reflect.apply(run, this.#steps, [value]) : { done: true, value }
  }

  /** The body is through, or never begins. */
  end(): void {
    this.#over = true
    if (this.#started) this.#actor.life.streams.delete(this)
    if (this.#keeps) this.#actor.stream(-1)
    this.#keeps = false
    this.release()
  }

  #fall(reason: ActorError): void {
    this.#over = true
    this.#given ??= reason
    this.#last?.cancel(reason)
    this.abort(reason)
  }

  #afterwards(move: Move, value: unknown): Promise<IteratorResult<unknown>> {
    if (move === 'return') return Promise.resolve({ done: true, value })
    if (this.#given) return Promise.reject(this.#given)
    return move === 'throw' ? Promise.reject(value) : Promise.resolve({ done: true, value: undefined })
  }
}
