/**
 * The state of an actor.
 *
 * ```
 *  initial ──▶ starting ──▶ running ──▶ stopping ──▶ closed
 *     │           │ ▲         │ ▲ │         │
 *     │           │ └─restart─┘ │ │         │
 *     ├────────── │ ──▶ suspended │         │
 *     │           │        │      │         │
 *     └───────────┴────────┴──────┴─────────┴──────▶ terminated
 * ```
 * `closed` is the end after a stop, `terminated` the end by force.
 */
export type State = 'initial' | 'starting' | 'running' | 'suspended' | 'stopping' | 'closed' | 'terminated'

/** Every change of state that there is. */
export const TRANSITIONS: Readonly<Record<State, readonly State[]>> = {
  initial: ['starting', 'suspended', 'stopping', 'terminated'],
  starting: ['running', 'suspended', 'stopping', 'terminated'],
  running: ['suspended', 'starting', 'stopping', 'terminated'],
  suspended: ['running', 'starting', 'stopping', 'terminated'],
  stopping: ['closed', 'terminated'],
  closed: [],
  terminated: [],
}

/** Whether it stops, or has ended. */
export const isEnding = (state: State): boolean => state === 'stopping' || hasEnded(state)

export const hasEnded = (state: State): boolean => state === 'closed' || state === 'terminated'
