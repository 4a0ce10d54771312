/** Milliseconds before a deadline, at most. */
const LATE = 200

/**
 * Whether what has waited since `since` comes too late to be begun: it is in the last quarter of the time that it had then, or in
 * the last 200 ms. Its reply might miss the deadline, and what waits behind it would miss its own.
 */
export const isLate = (deadline: number, since: number, now: number): boolean =>
  deadline - now < Math.min((deadline - since) / 4, LATE)
