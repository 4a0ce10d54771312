/** Computes for so many milliseconds. */
export function spin(ms) {
  if (ms === 0) return 0
  const end = performance.now() + ms
  while (performance.now() < end);
  return ms
}

/** The milliseconds that a load names, such as `1000, 0.1 ms`. */
export const millisecondsOf = (load) => Number(/, (.*) ms/.exec(load)[1])

export const SIZE = 2
