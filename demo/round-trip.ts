const ROUNDS = 20
const IN_A_ROW = 10
/** How many calls a measurement makes. */
export const CALLS = 2 * ROUNDS * IN_A_ROW

/**
 * Median milliseconds of one call, over rounds of a few calls in a row: the clock alone is too coarse for one.
 * As many rounds go before, uncounted, so that neither side is measured while it warms up.
 */
export async function roundTrip(call: () => Promise<unknown>): Promise<number> {
  const round = async (): Promise<number> => {
    const start = performance.now()
    for (let n = 0; n < IN_A_ROW; n++) await call()
    return (performance.now() - start) / IN_A_ROW
  }
  const times: number[] = []
  for (let n = 0; n < ROUNDS; n++) await round()
  for (let n = 0; n < ROUNDS; n++) times.push(await round())
  return median(times)
}

/** Milliseconds as people read them: `1.5 µs`, `240 µs`, `3.2 ms`. */
export function duration(ms: number): string {
  const [value, unit] = ms < 1 ? [ms * 1000, 'µs'] : [ms, 'ms']
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

function median(times: number[]): number {
  times.sort((a, b) => a - b)
  const middle = times.length >> 1
  return times.length % 2 ? times[middle]! : (times[middle - 1]! + times[middle]!) / 2
}
