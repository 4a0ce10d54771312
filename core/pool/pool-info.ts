import type { ActorError } from '../ground/errors.js'
import type { Times } from './times.js'
import type { WorkerState } from './worker.js'

/** What a pool does at the moment, as `pool.info()` tells. Times are in milliseconds. */
export interface PoolInfo {
  /** `sick` while no worker can be started, `closed` once `close` was called. */
  readonly state: 'open' | 'sick' | 'closed'
  /** Workers that it has at most. */
  readonly size: number
  /** Tasks that no worker has yet. */
  readonly waiting: number
  /** Tasks that workers have. */
  readonly running: number
  /** The part of the time of its workers, from 0 to 1, for which they were busy. */
  readonly utilisation: number
  /** How long the last 1,000 tasks waited for a worker. */
  readonly wait: Times
  /** How long the last 1,000 tasks ran, from when they were sent to a worker until the result came. */
  readonly run: Times
  readonly workers: readonly PoolWorkerInfo[]
}

/** One worker of a pool. */
export interface PoolWorkerInfo {
  /** Counts from 1; a worker that replaces another one has a new number. */
  readonly id: number
  /** The id of its dispatcher; undefined until it is linked. */
  readonly peer: string | undefined
  readonly state: WorkerState
  readonly running: number
  /** Tasks that have an outcome. */
  readonly handled: number
}

/** The events of `pool.on`, each with the arguments of its listener. */
export interface PoolEvents {
  /** A worker is linked. */
  'worker-started'(id: number): void
  /** A worker has ended: it was not needed any more, its task did not end in time, or it died. */
  'worker-ended'(id: number, reason: unknown): void
  /** Tasks waited, and none does any more. Some may still run. */
  drain(): void
  /** No worker can be started. Tasks fail with `no-worker` until one can. */
  sick(reason: ActorError): void
}
