const query = matchMedia('(prefers-reduced-motion: reduce)')

/** Whether the visitor wants as little motion as possible. */
export const isMotionReduced = (): boolean => query.matches
