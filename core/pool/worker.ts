import { Deferred } from '../ground/deferred.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import type { Tally } from './tally.js'
import type { Place, Target, Task } from './task.js'

/** `starting` until it is linked, `idle` and `busy` while it lives, `ending` when it takes no further task. */
export type WorkerState = 'starting' | 'idle' | 'busy' | 'ending'

/** Milliseconds of work that a worker is sent ahead, and tasks at most. */
const AHEAD = 8
const MOST = 512
/** Outcomes come in chunks: those of one chunk come no further apart, in milliseconds. */
const GAP = 0.1
/** Milliseconds in which outcomes are counted, at least. */
const WINDOW = 1

/**
 * One worker of a pool, from its start to its end. One that replaces it is another one.
 *
 * Where shared memory tells which tasks have begun, a worker is sent more than it runs: short tasks would wait for the way
 * to and fro otherwise. What has not begun can be taken back at any time.
 */
export class PoolWorker {
  /** Set once it is linked. */
  peer: RemotePeer | undefined = undefined
  /** It takes no further task. */
  isEnding = false
  /** Resolved when it has ended. */
  readonly gone = new Deferred<void>()
  /** When it was linked, and when it last had nothing to do or got an outcome. On the realm's clock. */
  startedAt = 0
  restedAt = 0
  /** Milliseconds for which it was busy, and tasks that have an outcome. */
  busy = 0
  handled = 0
  /** Tasks that it was sent and that have no outcome, in order. */
  readonly tasks = new Set<Task>()
  /** Streams of it that are being read. */
  streams = 0
  /** Those of them whose callers gave up, each with the timer that ends the worker. */
  readonly late = new Map<Task, unknown>()
  /** How many tasks its actors have begun, by what they are for. */
  readonly tallies = new Map<Target, Tally>()
  readonly #places = new Map<Target, Place | Promise<Place>>()
  /** Tasks that were taken back and that it has yet to refuse. */
  readonly #revoked = new Set<Task>()
  /** Tasks that it may have begun or refuse. */
  readonly #doubted = new Set<Task>()
  /** What all its tasks are for, if that is one and the same. */
  #only: Target | undefined
  /** Milliseconds between two outcomes, about; and of those since it was last reckoned, how long they took and how many. */
  #pace = Infinity
  #time = 0
  #count = 0
  #unstarted: ReadonlySet<Task> | undefined

  constructor(
    readonly id: number,
    /** Its place in the pool, which the one has that replaces it. */
    public slot: number,
  ) {}

  get state(): WorkerState {
    if (this.isEnding) return 'ending'
    if (!this.peer) return 'starting'
    return this.running > 0 ? 'busy' : 'idle'
  }

  /** What keeps it busy: tasks, and streams that they returned. */
  get running(): number {
    return this.tasks.size + this.streams
  }

  /** Whether its link can carry tasks. */
  get isAlive(): boolean {
    return this.peer?.link.open === true
  }

  /** Of a worker whose link ended: the tasks that it never began, and never will. */
  get unstarted(): ReadonlySet<Task> {
    return (this.#unstarted ??= new Set(this.#behind(this.#tally?.revoke() ?? Infinity)))
  }

  get #counter(): Tally | undefined {
    return this.#only && this.tallies.get(this.#only)
  }

  /** What tells which tasks have begun. */
  get #tally(): Tally | undefined {
    return this.#only?.isSentOnce ? undefined : this.#counter
  }

  /** Whether it takes tasks, as long as it has not too many. */
  get isOpen(): boolean {
    return this.isAlive && !this.peer!.link.outage && !this.isEnding && this.late.size === 0 && this.#revoked.size === 0
  }

  /** Whether it takes one more task for a target, where it runs so many at a time. One more than that `mayWait`. */
  takes(target: Target, concurrency: number, mayWait: boolean): boolean {
    if (!this.isOpen) return false
    const { running } = this
    if (running < concurrency) return true
    // Behind a stream nothing waits: its actor begins what it has between two steps. What is sent once can't be taken back.
    const isAhead =
      mayWait && this.streams === 0 && target === this.#only && !target.isSentOnce && this.tallies.has(target)
    return isAhead && running < concurrency + this.#ahead
  }

  /** How many tasks it is sent beyond those that it runs. */
  get #ahead(): number {
    return Math.min(MOST, Math.floor(AHEAD / this.#pace))
  }

  /** What it has for a target; made with the first task for it. */
  placeOf(target: Target, make: () => Promise<Place>): Place | Promise<Place> {
    const known = this.#places.get(target)
    if (known) return known
    const making = make()
    this.#places.set(target, making)
    making.then(
      (place) => this.#places.set(target, place),
      // The next task tries again.
      () => this.#places.delete(target),
    )
    return making
  }

  add(task: Task, now: number): void {
    if (this.running === 0) this.restedAt = now
    if (this.tasks.size === 0) {
      this.#only = task.target
      this.#counter?.reset(0)
    } else if (this.#only !== task.target) this.#only = undefined
    this.tasks.add(task)
  }

  /** Whether the outcome of a task is that it was refused as those are that were taken back. */
  refused(task: Task): boolean {
    return this.#doubted.delete(task) && task.hasNotRun
  }

  /** A task has an outcome. False for one that was taken back. */
  remove(task: Task, now: number): boolean {
    const { tasks } = this
    if (this.#revoked.delete(task)) {
      // A realm whose link ended may live on: it is to begin nothing.
      if (this.#revoked.size === 0 && this.isAlive) this.#counter?.reset(tasks.size)
      return false
    }
    tasks.delete(task)
    this.handled++
    const time = now - this.restedAt
    this.restedAt = now
    this.busy += time
    if (time > GAP && this.#time > WINDOW) {
      const pace = this.#time / this.#count
      this.#pace = this.#pace === Infinity ? pace : (this.#pace + pace) / 2
      this.#time = this.#count = 0
    }
    this.#time += time
    this.#count++
    if (!task.hasNotRun) this.tallies.get(task.target)?.settle()
    // It may have been counted, as where a hook refused it, or not.
    else if (!task.gaveUp && this.isAlive && !this.#doubted.has(task)) task.target.isSentOnce = true
    return true
  }

  /** A stream of it begins or ends to be read. */
  stream(change: 1 | -1, now: number): void {
    if (this.running > 0) this.busy += now - this.restedAt
    this.restedAt = now
    this.streams += change
  }

  /** Takes back all that has not begun, unless that was done and it has not said yet that it refuses them. */
  takeBack(): Task[] {
    const tally = this.#revoked.size === 0 && this.isAlive ? this.#tally : undefined
    const tasks = tally ? this.#behind(tally.revoke()) : []
    for (const task of tasks) {
      this.tasks.delete(task)
      this.#revoked.add(task)
    }
    if (tally && tasks.length === 0) tally.reset(this.tasks.size)
    return tasks
  }

  /** The tasks behind so many that have begun. One whose caller gave up may have been passed over, or be among them. */
  #behind(begun: number): Task[] {
    const tasks = [...this.tasks]
    const end = begun + tasks.filter(({ gaveUp }) => gaveUp).length
    for (const task of tasks.slice(begun, end)) this.#doubted.add(task)
    return tasks.slice(end)
  }
}
