import { BoundedMailbox, isMailbox } from '../mailbox/bounded-mailbox.js'
import type { Cell } from '../actor/cell.js'
import { ActorContext } from '../actor/context.js'
import { ActorError } from '../ground/errors.js'
import { OwnMailbox } from '../mailbox/own-mailbox.js'
import type { Message } from '../message/message.js'
import { borrow } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import type { Verb } from '../message/ref.js'
import type { ActorClass, AnySpawnOptions } from './spawn-options.js'
import type { StopOptions } from '../message/stop-options.js'
import { Work } from './work.js'
import { infoOf } from './actor-info.js'
import { Children } from './children.js'
import { Hold } from './hold.js'
import type { Origin } from './origin.js'
import { type Decision, readRestart, type RestartOptions } from './restart.js'
import { Restarts } from '../ground/restarts.js'
import { Retries } from './retries.js'
import type { Outcome, SettledMessage } from './settled-message.js'
import { hasEnded } from './state.js'
import { Streams } from './streams.js'
import { restart } from './supervisor.js'
import { Timers } from './timers.js'

declare const queueMicrotask: (fn: () => void) => void

/** Milliseconds that an actor which ends has for its streams, and one that is restarted for its `onStop`. */
const GRACE = 5_000

/** Milliseconds in which an actor that is to stop must be done with some message, unless its stop sets a limit. */
const PATIENCE = 30_000

/** What rarely happens to an actor: its start, its end, what brings it back, its children, and who watches it. */
export class Life {
  readonly cell: Cell
  readonly options: AnySpawnOptions
  readonly parent: Cell | undefined
  readonly spawner: object | undefined
  readonly kind: string | undefined
  /** Who holds it, where it ends with the last one. */
  readonly hold: Hold | undefined
  readonly restart: RestartOptions
  readonly children = new Children()
  readonly streams = new Streams()
  incarnation = 1
  /** The instance that a restart replaces. */
  #gone: object | undefined
  /** Why it ended. */
  reason: unknown
  readonly #actor: ActorClass | undefined
  #context: ActorContext | undefined
  #watchers: Set<(reason: unknown) => void> | undefined
  readonly #timers: Timers
  #restarts: Restarts | undefined
  #stopped: Promise<void> | undefined
  #stop: (() => void) | undefined
  /** The message whose handler waits for its end. */
  #stopper: Message | undefined
  /** It finishes its mailbox before it stops. */
  #drains = false
  /** Somebody suspended it: no restart wakes it. */
  #asleep = false
  /** The instance has come up, so its `onStop` is due. */
  #up: boolean
  /** What is under way; it sees to the end if the actor is asked to stop meanwhile. */
  #phase: 'start' | 'restart' | undefined
  #finishing = false
  /** A mailbox of the user's that has been opened. */
  #mailbox: OwnMailbox | undefined
  readonly #retries: Retries | undefined

  constructor(cell: Cell, { actor, options = {}, kind, parent, spawner, isLent = false }: Origin) {
    this.cell = cell
    this.options = options
    this.parent = parent
    this.spawner = spawner
    this.kind = kind ?? actor?.name
    this.hold = isLent && options.name === undefined ? new Hold(cell) : undefined
    this.restart = readRestart(options.restart)
    this.#timers = new Timers(cell.home.env)
    if (options.retries) this.#retries = new Retries(options.retries)
    this.#actor = actor
    this.#up = cell.state !== 'initial'
  }

  serves(instance: object): boolean {
    return instance === this.cell.instance && instance !== this.#gone
  }

  /** What an instance sees of the world, which ends with the instance. */
  contextOf(instance: object): ActorContext {
    if (instance !== this.cell.instance) return new ActorContext(this.cell, instance)
    return (this.#context ??= new ActorContext(this.cell, instance))
  }

  /** Whether a handler that throws is more than its caller's matter. */
  get isSupervised(): boolean {
    const { restart, decide } = this.options
    return restart !== undefined || decide !== undefined
  }

  /** Whether something goes on by itself. */
  get isBusy(): boolean {
    return this.#timers.size > 0
  }

  get restarts(): Restarts {
    return (this.#restarts ??= new Restarts(this.cell.home.env, this.restart))
  }

  /** Whether a message that failed is to be tried again now. */
  get isRetrying(): boolean {
    return this.#retries !== undefined && this.#retries.size > 0
  }

  takeRetry(): Message | undefined {
    return this.#retries?.take()
  }

  /** Whether what is under way may still be freed by a message that comes. */
  get takesMore(): boolean {
    return this.#drains && !this.#finishing
  }

  /** Whether it may be restarted along with others. */
  get isSettled(): boolean {
    const { state } = this.cell
    return this.#phase === undefined && (state === 'running' || state === 'suspended')
  }

  /** It came up without anything to be done. */
  rise(): void {
    this.#up = true
  }

  /** Opens the mailbox, runs `shouldStart` and `onStart`. Rejects with `start-failed`. */
  async start(waiting?: Message): Promise<void> {
    const { cell } = this
    this.#phase = 'start'
    try {
      await this.#openMailbox()
      if ((await cell.perform('shouldStart', [], waiting)) === false) this.#asleep = true
      if (cell.state === 'initial') {
        if (this.#asleep) {
          this.#phase = undefined
          cell.enter('suspended')
        } else await this.#begin(undefined, waiting)
      }
    } catch (error) {
      throw this.#startFailed(error)
    }
    if (cell.state === 'stopping' || hasEnded(cell.state)) {
      if (!this.#up) void this.#finish()
      throw new ActorError('start-failed', `${cell.address.path} was stopped while it started`, { cause: this.reason })
    }
  }

  async control(verb: Verb, options: StopOptions = {}): Promise<unknown> {
    const { cell } = this
    if (verb === 'stop') return this.stop(options)
    if (verb === 'kill') return this.kill(options.reason)
    if (verb === 'info') return infoOf(cell)
    if (cell.state === 'stopping' && verb !== 'ping') throw this.#ended()
    if (hasEnded(cell.state)) throw this.#ended()
    if (verb === 'suspend') this.#suspend()
    if (verb === 'resume') await this.#resume(cell.home.current)
    return undefined
  }

  /** Stops the children first, then runs `onStop`. A second stop gives the same promise. */
  stop(options: StopOptions = {}, stopper = this.cell.home.current): Promise<void> {
    const { cell } = this
    const { mode = 'drain', reason = 'stopped', timeout } = options
    if (hasEnded(cell.state)) return Promise.resolve()
    this.#stopped ??= new Promise((resolve) => (this.#stop = resolve))
    const wasSuspended = cell.state === 'suspended'
    if (cell.state !== 'stopping') {
      this.reason = reason
      this.#stopper = stopper
      cell.enter('stopping')
      this.#drains = mode === 'drain' && !wasSuspended
      if (!this.#drains) this.#refuseAll()
      this.#timers.clear()
      if (timeout === undefined) this.#watch(cell.handled + cell.waiting)
      // A start or a restart that is under way sees to it when it is through.
      if (!this.#phase) cell.unpause()
    }
    if (mode === 'kill') this.terminate(reason)
    else if (timeout !== undefined && timeout !== Infinity && cell.state === 'stopping')
      this.#timers.after(timeout, () => this.terminate(reason))
    // A handler that it waits for cannot wait for it: the end comes behind that handler.
    return this.#waitsFor(stopper) ? Promise.resolve() : this.#stopped
  }

  /** The actor asks for its own end: a permanent one begins anew instead. */
  leave(): void {
    if (this.restart.type !== 'permanent') return void this.stop()
    const renew = (): void => this.#supervise(new ActorError('stopped', `${this.cell.address.path} left`))
    this.cell.enqueue(new Work('stop', renew, () => {}))
  }

  /** A crash from outside: an actor that is to be restarted after failures comes back, any other ends at once. */
  kill(reason: unknown = 'killed'): void {
    const { cell } = this
    const { restart } = this.options
    const comesBack = restart !== undefined && this.restart.type !== 'temporary' && this.#phase !== 'start'
    if (!comesBack || cell.state === 'stopping' || hasEnded(cell.state)) return this.terminate(reason)
    // A restart that is under way goes on with its next attempt.
    if (this.#phase) return cell.forsake('was killed')
    this.#up = false
    this.#supervise(new ActorError('stopped', `${cell.address.path} was killed`, { cause: reason }))
  }

  /** Nothing waits in the mailbox any more, nothing runs, and the actor was asked to stop. */
  drained(): void {
    void this.#finish()
  }

  /** Ends at once; what it was doing settles as `stopped`. */
  terminate(reason: unknown): void {
    if (hasEnded(this.cell.state)) return
    void this.children.stop({ mode: 'kill', reason })
    this.#end('terminated', reason)
  }

  /** Calls `listener` with the reason when the actor has ended for good. Returns its undo. */
  watch(listener: (reason: unknown) => void): () => void {
    if (hasEnded(this.cell.state)) {
      queueMicrotask(() => listener(this.reason))
      return () => {}
    }
    this.#watchers ??= new Set()
    // Each its own, also where one listener is given twice.
    const watcher = (reason: unknown): void => listener(reason)
    this.#watchers.add(watcher)
    return () => void this.#watchers?.delete(watcher)
  }

  async spawnChild(actor: ActorClass, options: AnySpawnOptions = {}): Promise<Cell> {
    const { cell } = this
    if (cell.state !== 'starting' && cell.state !== 'running') {
      throw new ActorError('stopped', `${cell.address.path} is ${cell.state} and gets no more children`)
    }
    const kept = options.name === undefined ? undefined : this.children.reclaim(options.name)
    return kept ?? cell.home.spawn(actor, options, { parent: cell, waiting: cell.current })
  }

  /** Runs `work` as a message of the actor every `ms` milliseconds, skipping a turn that finds the last one waiting. */
  every(ms: number, work: () => unknown): () => void {
    if (!(ms > 0)) throw new ActorError('malformed', `every takes a number of milliseconds above 0, not ${ms}`)
    const { cell } = this
    if (cell.state === 'stopping' || hasEnded(cell.state)) throw this.#ended()
    let waits = false
    const undo = this.#timers.every(ms, () => {
      if (waits) return
      waits = true
      cell.enqueue(new Work('every', work, () => (waits = false)))
    })
    return () => {
      undo()
      this.hold?.check()
    }
  }

  /** Whether a message that failed is tried again; one that has been so often enough is a dead letter. */
  retries(message: Message, error: unknown): boolean {
    if (!this.#retries || message instanceof Work || message.settled || message.gaveUp) return false
    if (this.cell.state === 'stopping' && !this.#drains) return false
    const attempts = this.#retries.spent(message)
    if (attempts === undefined) return true
    const { home, address } = this.cell
    home.lost(error, `${message.method}() to ${address.path}, tried ${attempts} times`)
    return false
  }

  /** Code of the actor threw: decides what becomes of it. `isCritical` where no caller has the error as his answer. */
  failed(error: unknown, method: string, isCritical: boolean): void {
    const { cell } = this
    if (this.#phase || cell.state === 'stopping' || hasEnded(cell.state)) return
    const { decide, restart } = this.options
    const { incarnation } = this
    const settle = (decided?: Decision): void => {
      // It is being restarted, or has been, along with another one.
      if (this.#phase || this.incarnation !== incarnation) return
      if (cell.state === 'stopping' || hasEnded(cell.state)) return cell.unpause()
      const decision = decided ?? this.#byDefault(isCritical || restart !== undefined)
      if (decision === 'restart') this.#supervise(error)
      else if (decision === 'stop') void this.stop({ mode: 'now', reason: error })
      else if (decision === 'escalate') {
        this.giveUp(new ActorError('escalated', `${cell.address.path} failed`, { cause: error }), true)
      } else if (this.#runs()) cell.unpause()
    }
    if (!decide) return settle()
    cell.pause()
    void (async () => decide(error, { method, restarts: this.#restarts?.total ?? 0 }))().then(
      settle,
      (thrown: unknown) => {
        cell.home.report(thrown, `decide of ${cell.address.path}`)
        settle()
      },
    )
  }

  /** Ends with the error that says so: a parent that is supervised has failed with it; any other stops only if told to. */
  giveUp(error: ActorError, isToldOf = false): void {
    const { parent, cell } = this
    const { home, address } = cell
    this.terminate(error)
    home.report(error, address.path)
    if (parent?.life.isSupervised) parent.life.failed(error, `child ${address.path}`, true)
    else if (isToldOf) void parent?.life.stop({ mode: 'now', reason: error })
  }

  /** It failed once too often. */
  exhausted(cause: unknown): void {
    const { max, within } = this.restarts
    const text = `${this.cell.address.path} failed more than ${max} times within ${within} ms`
    this.giveUp(new ActorError('escalated', text, { cause }))
  }

  /** Why it cannot be made again, if it cannot. */
  obstacle(cause: unknown): ActorError | undefined {
    const { path } = this.cell.address
    if (!this.#actor) return new ActorError('not-restartable', `${path} was handed in as an object`, { cause })
    if (!this.options.isMoved) return undefined
    return new ActorError('not-restartable', `${path} was spawned with arguments that were moved to it`, { cause })
  }

  /** A restart begins: it handles nothing more until that is through, and no failure begins another one. */
  claim(): void {
    this.#phase = 'restart'
    this.#gone = this.cell.instance
    this.cell.pause()
  }

  /** First half of a restart: what it was doing settles, its children stop, its instance goes. */
  async halt(error: unknown): Promise<void> {
    const { cell } = this
    if (hasEnded(cell.state)) return
    if (cell.state === 'running') cell.enter('starting')
    const streams = this.#closeStreams('was restarted', error)
    cell.forsake('was restarted')
    // Those of one that is stopping are the limit of its stop.
    if (cell.state !== 'stopping') this.#timers.clear()
    await this.children.part({ mode: 'now', reason: error, timeout: GRACE })
    if (streams) await this.#timers.within(GRACE, streams)
    if (this.#up && !hasEnded(cell.state)) await this.#timers.within(GRACE, this.#onStop(error))
    this.#up = false
  }

  /** Second half: a new instance of the same arguments, tried again for as long as the intensity allows. */
  async revive(cause: unknown, wait = 0): Promise<void> {
    const { cell } = this
    let error = cause
    for (let delay: number | undefined = wait; ; delay = this.restarts.next()) {
      if (delay === undefined) return this.exhausted(error)
      if (delay > 0 && this.#isDown) await this.#timers.pause(delay)
      if (!this.#isDown) return this.#giveWay()
      try {
        this.#renew()
        if (cell.state === 'suspended') return this.#giveWay()
        return await this.#begin(error)
      } catch (thrown) {
        if (hasEnded(cell.state)) return
        cell.home.report(thrown, `the restart of ${cell.address.path}`)
        error = thrown
      }
    }
  }

  settled(message: Message, value: unknown, failure: { readonly error: unknown } | undefined): void {
    const { cell } = this
    const { method, access, args, sender, caller } = message
    const outcome: Outcome = failure ? { ok: false, error: failure.error } : { ok: true, value }
    const from = sender && (borrow(sender as Cell) as Proxy<unknown>)
    void cell.aside('onSettled', { method, access, args, sender: from, caller } satisfies SettledMessage, outcome)
  }

  /** Whether a new instance may still come up. */
  get #isDown(): boolean {
    const { state } = this.cell
    return state === 'starting' || state === 'suspended'
  }

  /** Whether messages are handled now. */
  #runs(): boolean {
    const { state } = this.cell
    return state === 'running' || state === 'stopping'
  }

  #byDefault(isFatal: boolean): Decision {
    if (!isFatal) return 'resume'
    return this.restart.type === 'temporary' ? 'stop' : 'restart'
  }

  #supervise(error: unknown): void {
    void restart(this, error)
  }

  #renew(): void {
    this.#context = undefined
    this.cell.renew(new this.#actor!(...(this.options.args ?? [])))
    this.incarnation++
  }

  /** Whether a handler, or one that waits for it, is one of this actor or of those below it. */
  #waitsFor(handler: Message | undefined): boolean {
    for (let message = handler; message; message = message.parent) {
      const actor = message.receiver as Cell | undefined
      if (!actor?.handles?.(message)) continue
      for (let above: Cell | undefined = actor; above; above = above.parent) if (above === this.cell) return true
    }
    return false
  }

  /** Nothing that waits is handled any more. */
  #refuseAll(): void {
    const { cell } = this
    cell.refuseAll('stopped')
    for (const message of this.#retries?.takeAll() ?? []) {
      const text = `${cell.address.path} stopped before it tried ${message.method}() again`
      message.fail(new ActorError('stopped', text, { ran: 'maybe' }))
    }
  }

  /** Ends what stands still: progress is what is handled of the `due` messages that had come when it was to stop. */
  #watch(due: number, before = this.cell.handled): void {
    this.#timers.after(PATIENCE, () => {
      const { handled } = this.cell
      // Children have limits of their own.
      const waits = this.#finishing && this.children.size > 0
      if (waits || (handled > before && before < due)) this.#watch(due, handled)
      else this.terminate(this.reason)
    })
  }

  /** A restart ends before the new instance is up: an instance that is not handles nothing more. */
  #giveWay(): void {
    this.#phase = undefined
    if (this.cell.state !== 'stopping') return
    this.#refuseAll()
    this.cell.unpause()
  }

  #startFailed(cause: unknown): ActorError {
    const failed = new ActorError('start-failed', `${this.cell.address.path} threw before it was up`, { cause })
    this.terminate(failed)
    return failed
  }

  async #begin(restarted: unknown, waiting?: Message): Promise<void> {
    const { cell } = this
    cell.enter('starting')
    if (restarted !== undefined) await cell.perform('onRestart', [restarted])
    await cell.perform('onStart', [], waiting)
    if (hasEnded(cell.state)) throw new ActorError('stopped', `${cell.address.path} was killed while it started`)
    this.#up = true
    this.children.dismiss()
    if (cell.state === 'starting') cell.enter(this.#asleep ? 'suspended' : 'running')
    cell.home.tell(restarted === undefined ? 'started' : 'restarted', cell, restarted)
    // The first message may fail before anybody hears that it is up.
    this.#phase = undefined
    if (cell.state !== 'suspended') cell.unpause()
  }

  async #finish(): Promise<void> {
    if (this.#finishing) return
    this.#finishing = true
    const { cell, reason } = this
    cell.pause()
    this.#refuseAll()
    await this.children.stop({ reason }, this.#stopper)
    const streams = this.#closeStreams('stopped', reason)
    if (streams) await this.#timers.within(GRACE, streams)
    if (this.#up && !hasEnded(cell.state)) await this.#onStop(reason)
    this.#end('closed', reason)
  }

  /** Its generators end with its instance; undefined if none is open. */
  #closeStreams(why: string, cause: unknown): Promise<void> | undefined {
    if (this.streams.size === 0) return undefined
    const text = `${this.cell.address.path} ${why}, and its streams ended`
    return this.streams.close(new ActorError('stopped', text, { cause }))
  }

  async #onStop(reason: unknown): Promise<void> {
    const { cell } = this
    try {
      await cell.perform('onStop', [reason], this.#stopper)
    } catch (error) {
      if (hasEnded(cell.state)) return
      cell.home.report(error, `onStop of ${cell.address.path}`)
      void cell.aside('onSettled', { method: 'onStop', args: [reason] }, { ok: false, error })
    }
  }

  #end(state: 'closed' | 'terminated', reason: unknown): void {
    const { cell, parent } = this
    if (hasEnded(cell.state)) return
    const { home, address } = cell
    this.reason = reason
    cell.pause()
    cell.enter(state)
    void this.#closeStreams('was killed', reason)
    cell.forsake('was killed')
    this.#refuseAll()
    this.#timers.clear()
    home.forget(cell, address, reason)
    parent?.life.children.delete(cell)
    parent?.life.hold?.check()
    this.#mailbox?.close().catch((error: unknown) => home.report(error, `close of the mailbox of ${address.path}`))
    for (const watcher of this.#watchers ?? []) watcher(reason)
    this.#stop?.()
  }

  #suspend(): void {
    this.#asleep = true
    if (this.cell.state !== 'running') return
    this.cell.pause()
    this.cell.enter('suspended')
  }

  async #resume(waiting: Message | undefined): Promise<void> {
    const { cell } = this
    this.#asleep = false
    if (cell.state !== 'suspended' || this.#phase) return
    if (this.#up) {
      cell.enter('running')
      return cell.unpause()
    }
    this.#phase = 'start'
    try {
      await this.#begin(undefined, waiting)
    } catch (error) {
      throw this.#startFailed(error)
    }
  }

  async #openMailbox(): Promise<void> {
    const { cell } = this
    const { mailbox } = this.options
    if (!mailbox) return
    if (!isMailbox(mailbox)) return cell.replaceMailbox(new BoundedMailbox(mailbox))
    await mailbox.open?.(cell.address)
    this.#mailbox = new OwnMailbox(mailbox, cell.address.path, (error) => {
      cell.home.report(error, cell.address.path)
      this.terminate(error)
    })
    cell.replaceMailbox(this.#mailbox)
  }

  #ended(): ActorError {
    return new ActorError('stopped', `${this.cell.address.path} is stopped`)
  }
}
