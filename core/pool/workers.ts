import { ActorError } from '../ground/errors.js'
import type { Events } from '../ground/events.js'
import { type Restarts, restartsOf } from '../ground/restarts.js'
import type { CloseOptions } from '../message/stop-options.js'
import type { Message } from '../message/message.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import type { Realm } from '../realm/realm.js'
import { choose } from '../routing/choose.js'
import type { Backlog } from './backlog.js'
import type { PoolEvents } from './pool-info.js'
import type { Target } from './task.js'
import { PoolWorker } from './worker.js'
import type { WorkerPoolOptions } from './worker-pool-options.js'

/** Milliseconds that a worker has to end, and one that is killed. */
const GRACE = 5_000
const KILLED = 500

/** What the workers tell their pool. */
export interface WorkersOwner {
  readonly realm: Realm
  readonly events: Events<PoolEvents>
  readonly options: WorkerPoolOptions
  readonly backlog: Backlog
  /** There may be a worker for a task now, or one to start. */
  pump(): void
  /** Fails the tasks for which there is no worker, as there will be none. */
  failUnserved(reason: ActorError): void
  /** The dispatcher closed. */
  giveUp(reason: ActorError): void
}

/** The workers of a pool: started when needed, replaced when they die, ended when they are too many or idle. */
export class Workers {
  readonly all = new Set<PoolWorker>()
  size: number
  /** Why no worker can be started. */
  sick: ActorError | undefined
  /** Milliseconds for which those that have ended were there, and were busy. */
  lived = 0
  busy = 0
  readonly #owner: WorkersOwner
  readonly #connect: () => Promise<RemotePeer>
  readonly #restarts: Restarts
  #serial = 0
  /** The timer after which workers may be started again, while none may. */
  #rest: unknown
  #idleTimer: unknown
  #isOver = false
  /** The dispatcher closes: none may be there that tells of it. */
  readonly #left = async (): Promise<void> => this.#owner.giveUp(closed())

  constructor(owner: WorkersOwner, connect: () => Promise<RemotePeer>) {
    this.#owner = owner
    owner.realm.ends.add(this.#left)
    this.#connect = connect
    this.size = owner.options.size
    this.#restarts = restartsOf(owner.realm.env, owner.options.restart)
  }

  /**
   * The worker that takes the next task: that with the fewest; of several the one which was busy last, so that others may end.
   */
  get next(): PoolWorker | undefined {
    const { backlog, options } = this.#owner
    // Nothing waits behind another task while a worker may start for it.
    const areAll = this.all.size >= this.size && [...this.all].every(({ peer }) => peer)
    let best: PoolWorker | undefined
    for (const worker of this.all) {
      const task = backlog.first(worker.slot)
      if (!task || !worker.takes(task.target, options.concurrency, areAll)) continue
      const less = best ? best.running - worker.running : 1
      if (less > 0 || (less === 0 && worker.restedAt > best!.restedAt)) best = worker
    }
    return best
  }

  /** The slot that the router of a target chooses for a call; undefined where it has none. */
  route(message: Message, { router }: Target): number | undefined {
    if (!router) return undefined
    const { backlog, realm } = this.#owner
    const candidates = Array.from({ length: this.size }, (_, slot) => ({ id: `${slot}`, running: backlog.count(slot) }))
    for (const { slot, running, isEnding } of this.all) if (!isEnding) candidates[slot]!.running += running
    return choose(router, message, candidates, () => realm.env.random())
  }

  /**
   * Why a task can't be taken, which any worker runs or that of a slot. Once enough time has passed, it is tried again to start
   * workers.
   */
  refusal(slot?: number): ActorError | undefined {
    if (this.sick && this.#restarts.next() !== undefined) this.sick = undefined
    return this.sick && !this.serves(slot) ? this.sick : undefined
  }

  /** How many are starting, or may be started. */
  get coming(): number {
    let there = 0
    for (const { peer, isEnding } of this.all) if (peer && !isEnding) there++
    return this.size - there
  }

  /** Whether there is a worker, or one is starting: in a slot, if that is given. */
  serves(slot?: number): boolean {
    for (const worker of this.all) if (!worker.isEnding && (slot ?? worker.slot) === worker.slot) return true
    return false
  }

  /** Starts a worker for each task that waits, up to the size. */
  grow(): void {
    if (this.#rest !== undefined || this.sick) return
    const { slots, unbound } = this.#owner.backlog
    for (const slot of slots) if (!this.serves(slot)) void this.#start(slot)
    let staying = 0
    let starting = 0
    for (const worker of this.all) {
      if (worker.isEnding) continue
      staying++
      if (!worker.peer) starting++
    }
    while (starting++ < unbound && staying++ < this.size) void this.#start(this.#freeSlot)
  }

  /** Returns the oldest if there are too many, which are to end. Those that stay have the first slots. */
  resize(size: number): PoolWorker[] {
    this.size = size
    const old = this.#staying.slice(0, -size)
    for (const worker of old) worker.isEnding = true
    for (const worker of this.#staying) if (worker.slot >= size) worker.slot = this.#freeSlot
    return old
  }

  /** It has no task any more. */
  rested(worker: PoolWorker): void {
    if (worker.isEnding && worker.isAlive) void this.end(worker, {})
    else this.#watchIdle()
  }

  /** Ends a worker now. What it has not ended in its time is killed. */
  async end(worker: PoolWorker, options: CloseOptions): Promise<void> {
    worker.isEnding = true
    const { peer, gone } = worker
    const { realm } = this.#owner
    const { timeout = options.mode === 'kill' ? KILLED : GRACE } = options
    const slow = realm.env.setTimer(() => {
      realm.log({ level: 'warn', text: `[troupe] worker ${worker.id} of a pool did not end in time`, error: undefined })
      if (peer) return
      // One that starts is ended as soon as it is linked.
      this.all.delete(worker)
      gone.resolve()
    }, timeout)
    await peer?.close({ ...options, timeout })
    await gone.promise
    realm.env.clearTimer(slow)
  }

  /** Starts no worker any more. */
  stop(): void {
    const { env, ends } = this.#owner.realm
    this.#isOver = true
    ends.delete(this.#left)
    env.clearTimer(this.#rest)
    env.clearTimer(this.#idleTimer)
  }

  /** Those that take tasks, or will, the oldest first. */
  get #staying(): PoolWorker[] {
    return [...this.all].filter(({ isEnding }) => !isEnding)
  }

  get #freeSlot(): number {
    let slot = 0
    while (this.serves(slot)) slot++
    return slot
  }

  async #start(slot: number): Promise<void> {
    const { realm, events } = this.#owner
    const worker = new PoolWorker(++this.#serial, slot)
    this.all.add(worker)
    try {
      const peer = (worker.peer = await this.#connect())
      worker.startedAt = worker.restedAt = realm.env.now()
      peer.on('state', () => this.#owner.pump())
      void peer.closed.then((reason) => this.#ended(worker, reason.cause ?? reason))
      if (this.#isOver || worker.isEnding) return void this.end(worker, {})
      events.emit('worker-started', worker.id)
      this.#watchIdle()
      this.#owner.pump()
    } catch (error) {
      this.#ended(worker, error)
    }
  }

  #ended(worker: PoolWorker, reason: unknown): void {
    const { realm, events } = this.#owner
    this.all.delete(worker)
    worker.gone.resolve()
    for (const timer of worker.late.values()) realm.env.clearTimer(timer)
    if (worker.peer) {
      this.lived += realm.env.now() - worker.startedAt
      this.busy += worker.busy
      events.emit('worker-ended', worker.id, reason)
    }
    if (realm.closed) return this.#owner.giveUp(closed())
    if (!worker.isEnding) this.#failed(reason)
    this.#owner.pump()
  }

  /** A worker did not start, or died. */
  #failed(reason: unknown): void {
    const { realm, events } = this.#owner
    const { env } = realm
    const delay = this.sick ? undefined : this.#restarts.next()
    if (delay === undefined) {
      if (!this.sick) {
        this.sick = new ActorError('no-worker', 'the pool cannot start workers', { cause: reason })
        events.emit('sick', this.sick)
      }
      this.#owner.failUnserved(this.sick)
    } else if (delay > 0) {
      env.clearTimer(this.#rest)
      this.#rest = env.setTimer(() => {
        this.#rest = undefined
        this.#owner.pump()
      }, delay)
    }
  }

  /** Takes no further task, and ends when it has none. */
  #retire(worker: PoolWorker): void {
    worker.isEnding = true
    if (worker.running === 0) void this.end(worker, {})
  }

  #watchIdle(): void {
    const { options, realm } = this.#owner
    const { env } = realm
    if (options.idle === Infinity || this.#idleTimer !== undefined) return
    const check = (): void => {
      this.#idleTimer = undefined
      let next = Infinity
      for (const worker of this.all) {
        if (worker.state !== 'idle') continue
        const left = worker.restedAt + options.idle - env.now()
        if (left <= 0) this.#retire(worker)
        else next = Math.min(next, left)
      }
      if (next < Infinity) this.#idleTimer = env.setTimer(check, next, true)
    }
    this.#idleTimer = env.setTimer(check, options.idle, true)
  }
}

const closed = (): ActorError => new ActorError('stopped', 'the dispatcher closed')
