import type { Intensity } from '../ground/restarts.js'

export const RESTART_TYPES = ['permanent', 'transient', 'temporary'] as const

/** Which ends bring an actor back: all but a stop, failures only, or none. */
export type RestartType = (typeof RESTART_TYPES)[number]

/** What becomes of an actor that failed. */
export type Decision = 'resume' | 'restart' | 'stop' | 'escalate'

export const STRATEGIES = ['one-for-one', 'one-for-all', 'rest-for-one'] as const

/** Which children are restarted when one of them is: it alone, all of them, or it and those spawned after it. */
export type Strategy = (typeof STRATEGIES)[number]

export interface RestartOptions extends Intensity {
  /** `transient` unless given. */
  readonly type?: RestartType
}

/** What is told of a failure to whoever decides. */
export interface Failure {
  /** The method, hook or `every` that threw. */
  readonly method: string
  readonly restarts: number
}

/** Decides what becomes of an actor that failed; undefined leaves it to `restart`. May be asynchronous: nothing else is handled meanwhile. */
export type Decide = (error: unknown, failure: Failure) => Decision | undefined | Promise<Decision | undefined>

export const readRestart = (restart: RestartType | RestartOptions | undefined): RestartOptions =>
  typeof restart === 'string' ? { type: restart } : (restart ?? {})
