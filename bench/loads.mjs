/** Loads by name: so many calls in flight, or `tell` for one-way messages. */
export const IN_FLIGHT = [1, 8, 64, 1000]
export const TELL = 'tell'

/** Each load with the contenders that take it. */
export const plan = (asking, telling, inFlight = IN_FLIGHT) => [
  ...inFlight.map((load) => ({ load, contenders: asking })),
  { load: TELL, contenders: telling },
]
