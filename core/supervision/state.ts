/**
 * Where an actor is in its life.
 *
 * ```
 *  initial ──▶ starting ──▶ running ──▶ stopping ──▶ closed
 *     │           │ ▲         │ ▲ │         │
 *     │           │ └─restart─┘ │ │         │
 *     ├────────── │ ──▶ suspended │         │
 *     │           │        │      │         │
 *     └───────────┴────────┴──────┴─────────┴──────▶ terminated
 * ```
 * States only rise, but for suspend and resume, and for a restart. `closed` is an end in order, `terminated` one by force.
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

export const hasEnded = (state: State): boolean => state === 'closed' || state === 'terminated'
