import { type Aborter, aborter } from '../ground/abort.js'
import { type Move, SteppedStream } from '../message/stepped-stream.js'
import { Ask } from '../message/ask.js'
import { type CallPromise, noticed } from '../message/call-promise.js'
import type { Handler } from './handler.js'
import { ActorError, thrownBy } from '../ground/errors.js'
import { isReadable, type Readable } from '../ground/platform-streams.js'
import type { Caller, Message } from '../message/message.js'
import type { Callee } from '../message/ref.js'
import { Tap } from '../message/tap.js'

type Steps = Iterator<unknown> | AsyncIterator<unknown>

/** One step of a stream. It begins like any other message of its actor, and leaves the actor free while it awaits. */
export class Step extends Ask {
  readonly stream: ActorStream
  readonly move: Move

  constructor(
    stream: ActorStream,
    { method, sender, extensions }: Message,
    move: Move,
    value: unknown,
    deadline: number,
    callee: Callee | undefined,
  ) {
    super(`${method}().${move}`, [value], sender, deadline, extensions, callee !== undefined)
    if (callee) (this.promise as CallPromise).callee = callee
    this.stream = stream
    this.move = move
  }

  override get caller(): Caller | undefined {
    return this.stream.caller
  }

  /** One signal for all steps: a body may hold on to the one it found first. */
  override get signal(): AbortSignal {
    return this.stream.signal
  }

  override invoke(instance: object): unknown {
    return this.stream.run(this, instance)
  }

  /** Who gives a step up reads no further. */
  override cancel(reason: ActorError): void {
    const isNews = !this.settled && !this.gaveUp
    super.cancel(reason)
    if (isNews) this.stream.giveUp(reason)
  }

  protected override signalled(reason: ActorError): void {
    this.stream.abort(reason)
  }

  protected override resolve(value: unknown): void {
    if ((value as IteratorResult<unknown> | undefined)?.done) this.stream.end()
    super.resolve(value)
  }

  protected override reject(error: unknown): void {
    // The body goes on with the step that it is at; one that has not begun makes way.
    this.stream.advance()
    const { isLeft } = this.stream
    const isThrown = this.started && !this.gaveUp
    if (isThrown && !isLeft) this.stream.end()
    // Its actor ends, and with it the stream, which is what was asked for.
    const isOver = !isThrown && this.move === 'return' && (error as ActorError).code === 'stopped'
    if (isLeft || isOver) super.resolve(ended(this.move, this.args[0]))
    // The call that brought the stream has run, whatever became of this step.
    else super.reject(thrownBy(error))
  }
}

/** The last step of a stream, which gives back what a reader that leaves gave. */
const ended = (move: Move, value: unknown): IteratorResult<unknown> => ({
  done: true,
  value: move === 'return' ? value : undefined,
})

/** What stands for a stream that a method returned, and ends with its actor. Undefined for anything else. */
export function streamOf(actor: Handler, origin: Message, value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const tag = (value as Record<symbol, unknown>)[Symbol.toStringTag]
  if (tag === 'AsyncGenerator' || tag === 'Generator') return new ActorStream(actor, origin, value as Steps)
  // One that came with the message goes home as itself.
  if (tag !== 'ReadableStream' || !isReadable(value) || origin.args.includes(value)) return undefined
  return taps.get(value) ?? (value.locked ? undefined : tapOf(actor, value))
}

/** What stands for each stream of the platform: the same one each time that the stream is returned. */
const taps = new WeakMap<Readable, Readable>()

function tapOf(actor: Handler, stream: Readable): Readable {
  const { streams } = actor.life
  const keeps = actor.stream(1)
  const tap = new Tap(stream, () => {
    streams.delete(tap)
    if (keeps) actor.stream(-1)
  })
  streams.add(tap)
  taps.set(stream, tap.readable)
  return tap.readable
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
  /** Why it was over before its end. */
  #given: ActorError | undefined
  /** Its reader left it while a step awaited: what was asked for is done. */
  isLeft = false
  /** Steps that were asked for: the first has its place in the mailbox or is under way, the others wait for it. */
  readonly #asked: Step[] = []
  /** The body is at the first of them. */
  #running = false

  constructor(actor: Handler, origin: Message, steps: Steps) {
    super()
    this.#actor = actor
    this.#origin = origin
    this.#instance = actor.instance
    this.#steps = steps
    this.#keeps = actor.stream(1)
  }

  get caller(): Caller | undefined {
    return this.#origin.caller
  }

  get signal(): AbortSignal {
    return (this.#aborter ??= aborter()).signal
  }

  abort(reason: ActorError): void {
    ;(this.#aborter ??= aborter()).abort(reason)
  }

  giveUp(reason: ActorError): void {
    if (!this.#over) void this.#fail(reason)
  }

  /** Its actor ends or begins anew. Resolves when its `finally` has run, if it is between two steps. */
  async close(reason: ActorError): Promise<void> {
    const runs = this.present
    const closing = this.#fail(reason)
    if (!runs) return closing
    // One that is deaf to its signal is not waited for.
    await Promise.race([closing, new Promise<void>((resolve) => this.#actor.home.env.defer(resolve))])
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

  /**
   * A body that never started is only dropped. One that awaits something is left at once: its signal fires, and its
   * `finally` runs as soon as it goes on. `outer` is the peer's message that asks for the step, and bounds it.
   */
  step(move: Move, value: unknown, outer?: Message): Promise<IteratorResult<unknown>> {
    if (move === 'return' && !this.#over && (this.present || !this.#started)) this.#leaveWith(value)
    if (this.#over) return this.#afterwards(move, value)
    if (!this.#started) this.#actor.life.streams.add(this)
    this.#started = true
    const { home } = this.#actor
    const within = outer ?? home.current ?? (this.reader?.isHandled ? this.reader : undefined)
    const timeout = outer ? Infinity : (this.timeout ?? home.timeout)
    const inherited = within?.deadline ?? Infinity
    const now = timeout === Infinity && inherited === Infinity ? 0 : (home.time = home.env.now())
    const callee = outer || !within ? undefined : this.#actor
    const step = new Step(this, this.#origin, move, value, Math.min(now + timeout, inherited), callee)
    if (outer) {
      outer.node.inner = step
      if (outer.chain) step.node.chain = outer.chain
    } else within?.calls(step)
    if (!step.settled) {
      this.#asked.push(step)
      this.advance()
    }
    if (!outer && !step.settled && step.deadline !== Infinity) home.deadlines.add(step, now)
    return step.promise as Promise<IteratorResult<unknown>>
  }

  /** The step that the body is at: what the body does is on its behalf. */
  get present(): Step | undefined {
    return this.#running ? this.#asked[0] : undefined
  }

  /** The first step that is still awaited gets its turn, if none is under way. */
  advance(): void {
    if (this.#running) return
    while (this.#asked[0]?.settled) this.#asked.shift()
    const [step] = this.#asked
    if (step && !step.holder) this.#actor.deliver(step)
  }

  /** Runs the body to its next `yield`. */
  run(step: Step, instance: object): unknown {
    if (instance !== this.#instance) {
      step.refuse(new ActorError('stopped', 'the actor was restarted, and its streams ended'))
      return undefined
    }
    const through = (): void => {
      this.#running = false
      this.#asked.shift()
      this.advance()
    }
    this.#running = true
    let result: unknown
    try {
      result = this.#move(step.move, step.args[0])
    } catch (error) {
      // At once: the error is the answer to this step, also where its actor ends before it is told.
      through()
      throw error
    }
    Promise.resolve(result).then(through, through)
    // Its reader left it before it began to wait.
    const left = this.#asked.find(({ move }, place) => move === 'return' && place > 0)
    if (left) this.#leaveWith(left.args[0])
    return result
  }

  #move(move: Move, value: unknown): unknown {
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

  /** Its reader learns the reason. */
  #fail(reason: ActorError): Promise<void> {
    this.#given ??= reason.asRunning()
    this.#fall(reason)
    return this.#leave()
  }

  #fall(reason: ActorError): void {
    this.#over = true
    for (const step of this.#asked.toReversed()) step.cancel(reason)
    this.abort(reason)
  }

  /** Its reader leaves it, and did not give it up. */
  #leaveWith(value: unknown): void {
    this.isLeft = true
    this.#fall(new ActorError('aborted', 'the reader of the stream left it'))
    void this.#leave(value)
  }

  /** Ends the body beside what its actor handles: at once, or as soon as what it awaits has come. */
  async #leave(value?: unknown): Promise<void> {
    this.end()
    if (this.#started) await this.#actor.beside(`${this.#origin.method}().return`, () => this.#move('return', value))
  }

  #afterwards(move: Move, value: unknown): Promise<IteratorResult<unknown>> {
    if (this.#given && move !== 'return')
      return noticed(Promise.reject(this.#given), `${this.#origin.method}().${move}`, this.#actor)
    return move === 'throw' ? Promise.reject(value) : Promise.resolve(ended(move, value))
  }
}
