/** What a frame asks for: its first number. Control frames and messages of users never share one. */
export const Op = {
  Hello: 0,
  Welcome: 1,
  Close: 2,
  Call: 3,
  Tell: 4,
  Request: 5,
  Result: 6,
  Fail: 7,
  Abort: 8,
  Ping: 9,
  Pong: 10,
  /** How many calls the sender has in flight: a hint for the size of reply batches. */
  Load: 11,
} as const

/** Which optional parts of the envelope follow. */
export const Part = { Remaining: 1, Sender: 2, Extensions: 4 } as const

export const VERSION = 1
