export const RESTART_TYPES = ['permanent', 'transient', 'temporary'] as const

/** Which ends bring an actor back: all but a stop, failures only, or none. */
export type RestartType = (typeof RESTART_TYPES)[number]

/** What becomes of an actor that failed. */
export type Decision = 'resume' | 'restart' | 'stop' | 'escalate'

export const STRATEGIES = ['one-for-one', 'one-for-all', 'rest-for-one'] as const

/** Which children are restarted when one of them is: it alone, all of them, or it and those spawned after it. */
export type Strategy = (typeof STRATEGIES)[number]

/** How often, and after which waits, something is started again. Times in milliseconds. */
export interface Intensity {
  /** So many restarts within `within`; one more gives up, as `escalated`. 5 unless given. */
  readonly max?: number
  /** 10,000 unless given. */
  readonly within?: number
  /** Longest wait before the second restart of a window, doubled for each one more; the first comes at once. 50 unless given. */
  readonly backoff?: number
  /** No wait is longer. 10,000 unless given. */
  readonly longest?: number
}

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
