import { ActorError } from '../ground/errors.js'
import { type Restarts, restartsOf } from '../ground/restarts.js'
import type { Message } from '../message/message.js'
import { GRACE } from './ending.js'
import type { Life } from './life.js'
import { type Decision, readRestart, type RestartOptions } from './restart-options.js'
import type { ActorClass, AnySpawnOptions } from './spawn-options.js'
import { hasEnded, isEnding } from './state.js'
import type { Supervised } from './supervised.js'
import { restart } from './supervisor.js'
import { Work } from './work.js'

/** What becomes of an actor that failed: whether it goes on, is restarted, stops, or is its parent's matter. */
export class Recovery {
  readonly policy: RestartOptions
  /** What it is made of, again when it is restarted; undefined for an object that was there already. */
  readonly actorClass: ActorClass | undefined
  readonly #life: Life
  /** Messages whose handler threw and that are tried again, in order; and how often each was. */
  #retries: Message[] | undefined
  #attempts: WeakMap<Message, number> | undefined
  #restarts: Restarts | undefined
  /** The instance that a restart replaces. */
  #gone: object | undefined

  constructor(life: Life, actor: ActorClass | undefined) {
    this.#life = life
    this.actorClass = actor
    this.policy = readRestart(life.options.restart)
  }

  get #actor(): Supervised {
    return this.#life.actor
  }

  get #options(): AnySpawnOptions {
    return this.#life.options
  }

  get restarts(): Restarts {
    return (this.#restarts ??= restartsOf(this.#actor.home.env, this.policy))
  }

  /** Whether a handler that throws is more than its caller's matter. */
  get isSupervised(): boolean {
    const { restart: policy, decide } = this.#options
    return policy !== undefined || decide !== undefined
  }

  /** Whether it may be restarted along with others. */
  get isSettled(): boolean {
    const { state } = this.#actor
    return this.#life.phase === undefined && (state === 'running' || state === 'suspended')
  }

  /** Whether the instance is the one that is to go on. */
  serves(instance: object): boolean {
    return instance === this.#actor.instance && instance !== this.#gone
  }

  /** Whether a message that failed is to be tried again now. */
  get isRetrying(): boolean {
    return this.#retries !== undefined && this.#retries.length > 0
  }

  takeRetry(): Message | undefined {
    return this.#retries?.shift()
  }

  /** Whether a message that failed is tried again; one that has been so often enough is a dead letter. */
  retries(message: Message, error: unknown): boolean {
    const { retries: most = 0 } = this.#options
    if (most === 0 || message instanceof Work || message.settled || message.gaveUp) return false
    const actor = this.#actor
    if (actor.state === 'stopping' && !this.#life.ending.drains) return false
    const attempts = (this.#attempts ??= new WeakMap())
    const before = attempts.get(message) ?? 0
    if (before < most) {
      attempts.set(message, before + 1)
      ;(this.#retries ??= []).push(message)
      return true
    }
    attempts.delete(message)
    actor.home.lost(error, `${message.method}() to ${actor.address.path}, tried ${before + 1} times`)
    return false
  }

  refuseRetries(): void {
    for (const message of this.#retries?.splice(0) ?? []) {
      const text = `${this.#actor.address.path} stopped before it tried ${message.method}() again`
      message.fail(new ActorError('stopped', text, { ran: 'maybe' }))
    }
  }

  /** Code of the actor threw: decides what becomes of it. `isCritical` where no caller has the error as his answer. */
  failed(error: unknown, method: string, isCritical: boolean): void {
    const actor = this.#actor
    const life = this.#life
    if (life.phase || isEnding(actor.state)) return
    const { decide } = this.#options
    const { incarnation } = life
    const settle = (decided?: Decision): void => {
      // It is being restarted, or has been, along with another one.
      if (life.phase || life.incarnation !== incarnation) return
      if (isEnding(actor.state)) return actor.unpause()
      const decision = decided ?? this.#byDefault(isCritical)
      if (decision === 'restart') void restart(life, error)
      else if (decision === 'stop') void life.stop({ mode: 'now', reason: error })
      else if (decision === 'escalate') {
        this.giveUp(new ActorError('escalated', `${actor.address.path} failed`, { cause: error }), true)
      } else if (actor.state === 'running') actor.unpause()
    }
    if (!decide) return settle()
    actor.pause()
    void (async () => decide(error, { method, restarts: this.#restarts?.total ?? 0 }))().then(
      settle,
      (thrown: unknown) => {
        actor.home.report(thrown, `decide of ${actor.address.path}`)
        settle()
      },
    )
  }

  /** A crash from outside: an actor that is to be restarted after failures comes back, any other ends at once. */
  kill(reason: unknown = 'killed'): void {
    const actor = this.#actor
    const life = this.#life
    const comesBack = this.#options.restart !== undefined && this.policy.type !== 'temporary' && life.phase !== 'start'
    if (!comesBack || isEnding(actor.state)) return life.ending.terminate(reason)
    // A restart that is under way goes on with its next attempt.
    if (life.phase) return actor.abandonAll('was killed')
    life.isUp = false
    this.#gone = actor.instance
    void restart(life, new ActorError('stopped', `${actor.address.path} was killed`, { cause: reason }))
  }

  /**
   * Ends with the error that says so, after the `onStop` of an instance that is up: a parent that is supervised has failed
   * with it; any other stops only if told to.
   */
  giveUp(error: ActorError, isToldOf = false): void {
    const life = this.#life
    const { parent, home, address } = this.#actor
    if (life.isUp && !life.phase) life.ending.fail(error)
    else life.ending.terminate(error)
    home.report(error, address.path)
    if (parent?.life.recovery.isSupervised) parent.life.recovery.failed(error, `child ${address.path}`, true)
    else if (isToldOf) void parent?.life.stop({ mode: 'now', reason: error })
  }

  /** It failed once too often. */
  exhausted(cause: unknown): void {
    const { max, within } = this.restarts
    const text = `${this.#actor.address.path} failed more than ${max} times within ${within} ms`
    this.giveUp(new ActorError('escalated', text, { cause }))
  }

  /** Why it cannot be made again, if it cannot. */
  obstacle(cause: unknown): ActorError | undefined {
    const { path } = this.#actor.address
    if (!this.actorClass) return new ActorError('not-restartable', `${path} was hosted as an object`, { cause })
    if (!this.#options.isMoved) return undefined
    return new ActorError('not-restartable', `${path} was spawned with arguments that were transferred`, { cause })
  }

  /** A restart begins: it handles nothing more until that is through, and no failure begins another one. */
  claim(): void {
    this.#life.phase = 'restart'
    this.#gone = this.#actor.instance
    this.#actor.pause()
  }

  /** First half of a restart: what it was doing settles, its children stop, its instance goes. */
  async halt(error: unknown): Promise<void> {
    const actor = this.#actor
    const { ending, timers, children } = this.#life
    if (hasEnded(actor.state)) return
    if (actor.state === 'running') actor.enter('starting')
    const streams = ending.closeStreams('was restarted', error)
    actor.abandonAll('was restarted')
    // Those of one that is stopping are the limit of its stop.
    if (actor.state !== 'stopping') timers.clear()
    await children.part({ mode: 'now', reason: error, timeout: GRACE })
    if (streams) await timers.within(GRACE, streams)
    if (this.#life.isUp && !hasEnded(actor.state)) await timers.within(GRACE, ending.runOnStop(error))
    this.#life.isUp = false
  }

  /** Second half: a new instance of the same arguments, tried again for as long as the intensity allows. */
  async revive(cause: unknown, wait = 0): Promise<void> {
    const actor = this.#actor
    const life = this.#life
    let error = cause
    for (let delay: number | undefined = wait; ; delay = this.restarts.next()) {
      if (delay === undefined) return this.exhausted(error)
      if (delay > 0 && this.#isDown) await life.timers.pause(delay)
      if (!this.#isDown) return this.#giveWay()
      try {
        actor.renew(new this.actorClass!(...(this.#options.args ?? [])))
        life.incarnation++
        if (actor.state === 'suspended' && life.isAsleep) return this.#giveWay()
        return await life.begin(error)
      } catch (thrown) {
        if (hasEnded(actor.state)) return
        actor.home.report(thrown, `the restart of ${actor.address.path}`)
        error = thrown
      }
    }
  }

  /** Whether a new instance may still come up. */
  get #isDown(): boolean {
    const { state } = this.#actor
    return state === 'starting' || state === 'suspended'
  }

  #byDefault(isCritical: boolean): Decision {
    if (!isCritical && this.#options.restart === undefined) return 'resume'
    return this.policy.type === 'temporary' ? 'stop' : 'restart'
  }

  /** A restart ends before the new instance is up: an instance that is not handles nothing more. */
  #giveWay(): void {
    this.#life.phase = undefined
    if (this.#actor.state !== 'stopping') return
    this.#life.ending.refuseAll()
    this.#actor.unpause()
  }
}
