import { ActorError, thrownBy } from '../ground/errors.js'
import { Attempt } from '../message/attempt.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import type { Router } from '../routing/router.js'
import type { PoolWorker } from './worker.js'

/** Where a worker takes tasks. */
export type Place = Pick<Ref, 'deliver' | 'defaultTimeout'>

/** What a task is for: an actor of each worker, or its functions. */
export interface Target {
  /** Where it is at a worker; a promise until it is there. */
  at(worker: PoolWorker): Place | Promise<Place>
  /** The request that calls it, where it is no actor. */
  readonly verb?: string
  /** Chooses the worker of each task. */
  readonly router?: Router | undefined
  /**
   * Whether none of its tasks is sent ahead, or taken back: what they are sent with was moved, or some were refused, and the count
   * of what its actor began does not tell which.
   */
  isSentOnce?: boolean
}

/** What a task tells the pool. */
export interface TaskOwner {
  /** It has an outcome: a result, or a failure. Returns whether it is to be tried again, and has none then. */
  settled(task: Task, failure: unknown, result?: unknown): boolean
  /** Its caller gave up while it may run. */
  abandoned(task: Task): void
}

/** One attempt at what a message asks of a pool: it goes to a worker, and its outcome is the message's. */
export class Task extends Attempt {
  /** Where it was sent. */
  worker: PoolWorker | undefined = undefined
  /** When it was put into the queue, and when it was sent, on the realm's clock. */
  queuedAt = 0
  sentAt = 0
  /** Whether what it was sent with was moved: it can't be sent again. */
  isMoved = false
  /** Whether its outcome says that it never ran. */
  hasNotRun = false

  constructor(
    outer: Message,
    readonly target: Target,
    /** The slot whose worker runs it; any worker does where it has none. */
    readonly boundTo: number | undefined,
    readonly owner: TaskOwner,
    /** How often it may be tried again. */
    readonly retries: number,
    /** Whether an earlier attempt may have run. */
    readonly ranBefore = false,
  ) {
    super(outer, target.verb ?? outer.method, target.verb ? [outer.method, ...outer.args] : outer.args)
  }

  override failWith(error: unknown): void {
    const { outer, ranBefore } = this
    outer.started = this.started || ranBefore
    outer.fail(ranBefore ? thrownBy(error) : error)
  }

  /** What its worker says, also where the caller has given up. */
  override fail(error: unknown): void {
    this.hasNotRun = error instanceof ActorError && error.ran === 'no'
    super.fail(error)
  }

  protected over(failure: unknown, result?: unknown): boolean {
    return this.owner.settled(this, failure, result)
  }

  /** The worker is busy until it has an outcome. */
  protected override abandon(): void {
    this.owner.abandoned(this)
  }
}
