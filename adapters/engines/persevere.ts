import type { ActorError } from '../../core/adapter.js'

/** What an attempt rejects with that may succeed later: the server is away, starts, or did not answer. */
export class Unanswered extends Error {
  /** Whether the server may have done it. */
  readonly ran: 'no' | 'maybe'

  constructor(ran: 'no' | 'maybe', cause?: unknown) {
    super('the server did not answer', { cause })
    this.ran = ran
  }
}

/** How long to try. */
export interface Perseverance {
  /** Milliseconds. */
  readonly timeout: number
  /** Whether it changes nothing at the server: then it never may have run. */
  readonly isRead?: boolean
  /** The error once there is no sense in further attempts. */
  stopped(): ActorError | undefined
  /** What it rejects with when the time is over. */
  gaveUp(ran: 'no' | 'maybe', cause: unknown): ActorError
}

/** Milliseconds between two attempts. */
const FIRST = 20
const LONGEST = 500

/**
 * Does it, again and again as long as it is `Unanswered`. An attempt that hangs is left behind when the time is over.
 *
 * Attempts must be such that it does no harm if the server does several of them.
 */
export async function persevere<T>(perseverance: Perseverance, attempt: () => Promise<T>): Promise<T> {
  const { timeout } = perseverance
  const until = performance.now() + timeout
  let ran: 'no' | 'maybe' = 'no'
  for (let pause = FIRST; ; pause = Math.min(2 * pause, LONGEST)) {
    const stopped = perseverance.stopped()
    if (stopped) throw ran === 'maybe' ? stopped.asRunning() : stopped
    let cause: unknown
    try {
      return await within(until - performance.now(), attempt())
    } catch (error) {
      if (!(error instanceof Unanswered)) throw ran === 'maybe' ? asRunning(error) : error
      if (error.ran === 'maybe' && !perseverance.isRead) ran = 'maybe'
      cause = error.cause
    }
    const rest = until - performance.now()
    if (rest <= 0) throw perseverance.gaveUp(ran, cause)
    await new Promise((resolve) => setTimeout(resolve, Math.min(rest, pause * (0.5 + Math.random() / 2))))
  }
}

const asRunning = (error: unknown): unknown => (error as Partial<ActorError>).asRunning?.() ?? error

/** Rejects with `Unanswered` if it takes longer. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unanswered('maybe')), Math.min(Math.max(ms, 0), 2 ** 31 - 1))
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
