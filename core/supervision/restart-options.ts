import type { Intensity } from '../ground/restarts.js'

export const RESTART_TYPES = ['permanent', 'transient', 'temporary'] as const

/**
 * When an actor is restarted: `permanent` after any end but a stop from outside, `transient` after a failure,
 * `temporary` never.
 */
export type RestartType = (typeof RESTART_TYPES)[number]

/** What happens to an actor that failed: it goes on, is restarted, is stopped, or its parent fails. */
export type Decision = 'resume' | 'restart' | 'stop' | 'escalate'

export const STRATEGIES = ['one-for-one', 'one-for-all', 'rest-for-one'] as const

/** Which children are restarted with one that failed: none, all, or those that were spawned after it. */
export type Strategy = (typeof STRATEGIES)[number]

/** When, and how often, an actor is restarted. */
export interface RestartOptions extends Intensity {
  /** `transient` unless given. */
  readonly type?: RestartType
}

/** The second argument of `decide`. */
export interface Failure {
  /** The method, hook or `every` that threw. */
  readonly method: string
  /** Restarts before this failure. */
  readonly restarts: number
}

/**
 * Chooses what happens to an actor that failed. With undefined, the option `restart` applies. The actor handles no
 * message meanwhile.
 */
export type Decide = (error: unknown, failure: Failure) => Decision | undefined | Promise<Decision | undefined>

export const readRestart = (restart: RestartType | RestartOptions = {}): RestartOptions =>
  typeof restart === 'string' ? { type: restart } : restart
