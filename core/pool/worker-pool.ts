import { queueMicrotask } from '../ground/env.js'
import { Deferred } from '../ground/deferred.js'
import { ActorError } from '../ground/errors.js'
import { Events } from '../ground/events.js'
import { Abortable } from '../message/abortable.js'
import type { Holder, Message } from '../message/message.js'
import type { CloseOptions } from '../message/stop-options.js'
import type { Balancer } from '../routing/balanced-ref.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import type { Realm } from '../realm/realm.js'
import { Backlog } from './backlog.js'
import { holdWhileRead } from './held.js'
import type { PoolEvents, PoolInfo } from './pool-info.js'
import type { PooledActor, PooledFunctions } from './target.js'
import { type Place, Task, type TaskOwner } from './task.js'
import { Stopwatch } from './times.js'
import type { PoolWorker } from './worker.js'
import type { WorkerPoolOptions } from './worker-pool-options.js'
import { Workers, type WorkersOwner } from './workers.js'

/** Milliseconds that tasks have to end when the pool closes. */
const DRAIN = 30_000
/** Milliseconds that no task waits, about 12 days. */
const LONG = 2 ** 30
/** Milliseconds after which it is looked whether tasks that have not begun are better off at another worker. */
const PATIENCE = 20

/** Takes tasks, and sends each to a worker when there is one for it. */
export class WorkerPool implements Balancer, Holder, TaskOwner, WorkersOwner {
  readonly events: Events<PoolEvents>
  readonly #workers: Workers
  readonly backlog = new Backlog()
  readonly #waits = new Stopwatch()
  readonly #runs = new Stopwatch()
  readonly #listeners = new Set<(reason: unknown) => void>()
  #aheadTimer: unknown
  /** A timer that keeps the process alive while tasks wait. */
  #waiting: unknown
  /** Why no task is taken any more. */
  reason: ActorError | undefined
  /** Whether no task is tried again any more. */
  #isOver = false
  /** Resolves once no task waits or runs, if the pool is to close then. */
  #drained: Deferred<void> | undefined

  constructor(
    readonly realm: Realm,
    connect: () => Promise<RemotePeer>,
    readonly options: WorkerPoolOptions,
  ) {
    this.events = new Events((error) => realm.report(error, 'a listener'))
    this.#workers = new Workers(this, connect)
  }

  /** Workers at most. */
  get size(): number {
    return this.#workers.size
  }

  get info(): PoolInfo {
    const { all, size, sick } = this.#workers
    let { lived, busy } = this.#workers
    const now = this.realm.env.now()
    const workers = [...all]
    for (const worker of workers) {
      if (worker.peer) lived += now - worker.startedAt
      busy += worker.busy + (worker.running > 0 ? now - worker.restedAt : 0)
    }
    return {
      state: this.reason ? 'closed' : sick ? 'sick' : 'open',
      size,
      waiting: this.backlog.size,
      running: workers.reduce((sum, worker) => sum + worker.running, 0),
      // None has lived yet where it is not a number.
      utilisation: busy / lived || 0,
      wait: this.#waits.times,
      run: this.#runs.times,
      workers: workers.map(({ id, peer, state, running, handled }) => ({
        id,
        peer: peer?.id,
        state,
        running,
        handled,
      })),
    }
  }

  put(message: Message, target: PooledActor | PooledFunctions): void {
    const { maxQueue, retries, concurrency } = this.options
    let slot: number | undefined
    try {
      slot = this.#workers.route(message, target)
    } catch (error) {
      return message.fail(error)
    }
    // The router, which is code of the user's, may have aborted it.
    if (message.settled) return
    const refusal = this.reason ?? this.#workers.refusal(slot)
    if (refusal) return message.fail(refusal)
    message.holder = this
    const task = new Task(message, target, slot, this, retries)
    task.queuedAt = this.realm.env.now()
    this.backlog.add(task)
    this.pump()
    if (this.backlog.size > maxQueue + this.#workers.coming * concurrency && this.backlog.delete(task))
      message.fail(new ActorError('overloaded', `${maxQueue} tasks wait for the pool already`))
  }

  withdraw(message: Message, reason: ActorError): boolean {
    const task = message.node.inner as Task
    const isWithdrawn = this.backlog.delete(task) || this.#takeBack(task.worker!, task)
    if (isWithdrawn) task.failWith(reason)
    this.pump()
    return isWithdrawn
  }

  settled(task: Task, failure: unknown, result?: unknown): boolean {
    const worker = task.worker!
    const now = this.realm.env.now()
    // What it began is to be known before the first of its tasks goes.
    if (!worker.isAlive) void worker.unstarted
    if (!worker.remove(task, now)) {
      this.pump()
      return true
    }
    this.#runs.add(now - task.sentAt)
    this.realm.env.clearTimer(worker.late.get(task))
    worker.late.delete(task)
    const isAgain = this.#isAgain(task, failure, worker.refused(task))
    if (isAgain) this.#tryAgain(task, !task.hasNotRun && !hasNotRun(task, failure))
    if (result instanceof Abortable) {
      const { env } = this.realm
      holdWhileRead(result, env, (change) => {
        worker.stream(change, env.now())
        if (change < 0) this.#rest(worker)
      })
    }
    this.#rest(worker)
    return isAgain
  }

  abandoned(task: Task): void {
    const { grace } = this.options
    const worker = task.worker
    if (grace === undefined || !worker?.tasks.has(task)) return
    this.#takeBack(worker)
    const late = (): void => void this.#workers.end(worker, { mode: 'kill' })
    worker.late.set(task, this.realm.env.setTimer(late, grace))
  }

  onClosed(listener: (reason: unknown) => void): () => void {
    if (this.reason) queueMicrotask(() => listener(this.reason))
    else this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  resize(size: number): void {
    const old = this.#workers.resize(size)
    for (const task of this.backlog.take((slot) => slot !== undefined && slot >= size)) this.#tryAgain(task)
    // Only now: what ends with them may have others started.
    for (const worker of old) this.#rest(worker)
    this.pump()
  }

  /** A later call may hurry an earlier one. */
  async close({ mode = 'drain', timeout }: CloseOptions): Promise<void> {
    const { env } = this.realm
    const began = env.now()
    const reason = (this.reason ??= new ActorError('stopped', 'the pool closed'))
    if (mode === 'drain' && !this.#isOver) {
      const drained = (this.#drained ??= new Deferred())
      const timer = env.setTimer(() => drained.resolve(), timeout ?? DRAIN)
      this.pump()
      await drained.promise
      env.clearTimer(timer)
    }
    this.giveUp(reason)
    const how: CloseOptions = {
      mode: mode === 'drain' ? 'now' : mode,
      ...(timeout !== undefined && { timeout: Math.max(timeout - (env.now() - began), 0) }),
    }
    await Promise.all(Array.from(this.#workers.all, (worker) => this.#workers.end(worker, how)))
  }

  /** Sends what waits for as long as there are workers for it, and starts those that are missing. */
  pump(): void {
    const { backlog } = this
    while (backlog.size > 0) {
      const worker = this.#workers.next
      if (!worker) {
        this.#waiting ??= this.realm.env.setTimer(() => {}, LONG)
        return this.#workers.grow()
      }
      const task = backlog.first(worker.slot)!
      backlog.delete(task)
      this.#send(task, worker)
    }
    if (this.#waiting !== undefined) {
      this.realm.env.clearTimer(this.#waiting)
      this.#waiting = undefined
      this.events.emit('drain')
    }
    if (this.#drained && [...this.#workers.all].every(({ running }) => running === 0)) this.#drained.resolve()
  }

  failUnserved(reason: ActorError): void {
    for (const task of this.backlog.take((slot) => !this.#workers.serves(slot))) task.failWith(reason)
  }

  giveUp(reason: ActorError): void {
    this.reason = reason
    this.#isOver = true
    this.#drained?.resolve()
    this.#workers.stop()
    this.realm.env.clearTimer(this.#aheadTimer)
    for (const task of this.backlog.take(() => true)) task.failWith(reason)
    this.pump()
    for (const listener of this.#listeners) listener(reason)
    this.#listeners.clear()
  }

  #send(task: Task, worker: PoolWorker): void {
    const now = (task.sentAt = this.realm.env.now())
    this.#waits.add(now - task.queuedAt)
    task.worker = worker
    worker.add(task, now)
    if (worker.tasks.size > this.options.concurrency) this.#watchAhead()
    const place = task.target.at(worker)
    if (!(place instanceof Promise)) return this.#deliver(task, place)
    place.then(
      (made) => task.settled || this.#deliver(task, made),
      // It was not sent: what became of the actor says nothing of the task.
      (error: unknown) => task.fail(worker.isAlive ? error : new ActorError('unreachable', '', { cause: error })),
    )
  }

  #deliver(task: Task, place: Place): void {
    place.deliver(task)
    if (task.worker!.peer!.link.writer.encoder.moving) task.target.isSentOnce = task.isMoved = true
    if (!task.settled) this.realm.deadlines.addDefault(task, place.defaultTimeout)
  }

  /** It has less to do than before. */
  #rest(worker: PoolWorker): void {
    if (worker.running === 0) this.#workers.rested(worker)
    this.pump()
  }

  /** What did not run is always tried again, what may have run only where the caller said so. */
  #isAgain(task: Task, failure: unknown, isRefused: boolean): boolean {
    const { worker, outer, retries } = task
    if (this.#isOver || task.isMoved || outer.settled || outer.gaveUp || !(failure instanceof ActorError)) return false
    if (worker!.isAlive) return isRefused
    return hasNotRun(task, failure) || (failure.code === 'unknown' && retries > 0)
  }

  /** Its slot may be there no more. */
  #tryAgain(before: Task, hasRun = false): void {
    const { outer, target, boundTo = -1, queuedAt, retries, ranBefore } = before
    if (before.isMoved) return before.failWith(new ActorError('unreachable', 'its arguments were moved'))
    const isKept = boundTo < this.size
    try {
      const slot = isKept ? before.boundTo : this.#workers.route(outer, target)
      const task = new Task(outer, target, slot, this, hasRun ? retries - 1 : retries, hasRun || ranBefore)
      task.queuedAt = queuedAt
      this.backlog.add(task, isKept)
    } catch (error) {
      before.failWith(error)
    }
  }

  /** Takes back what a worker has not begun. Returns whether `dropped` is among it, which is not tried again. */
  #takeBack(worker: PoolWorker, dropped?: Task): boolean {
    const tasks = worker.takeBack()
    for (const task of tasks) if (task !== dropped) this.#tryAgain(task)
    return tasks.includes(dropped!)
  }

  /** A task that takes long does not hold up those behind it while other workers are free. */
  #watchAhead(): void {
    const { env } = this.realm
    const check = (): void => {
      this.#aheadTimer = undefined
      const { all } = this.#workers
      const isOneFree = [...all].some(({ isOpen, running }) => isOpen && running === 0)
      for (const worker of all) {
        if (worker.tasks.size <= this.options.concurrency) continue
        const isMovable = isOneFree && [...worker.tasks].some(({ boundTo }) => boundTo === undefined)
        if (isMovable || env.now() - worker.restedAt > PATIENCE) this.#takeBack(worker)
        this.#watchAhead()
      }
      this.pump()
    }
    this.#aheadTimer ??= env.setTimer(check, PATIENCE, true)
  }
}

/** Whether a task whose worker died certainly never began. */
const hasNotRun = (task: Task, failure: unknown): boolean =>
  (failure instanceof ActorError && failure.code === 'unreachable') || task.worker!.unstarted.has(task)
