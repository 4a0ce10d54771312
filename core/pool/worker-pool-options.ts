import type { Intensity } from '../ground/restarts.js'

/** The options of a pool, each of them set. */
export interface WorkerPoolOptions {
  readonly size: number
  readonly concurrency: number
  readonly maxQueue: number
  readonly idle: number
  readonly grace: number | undefined
  readonly retries: number
  readonly restart: Intensity | undefined
}
