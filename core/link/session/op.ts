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
  /** Names that came and went. Between trusted sides only, as the next one. */
  Names: 12,
  /** A port to another realm. */
  Introduce: 13,
  /** An actor that the peer watches has ended. */
  Down: 14,
  /** Reads or writes a property: a call in all else, and never of a method. */
  Property: 15,
  /** References that the sender was handed and needs no more: where they are in the peer's table, and how often it got them. */
  Release: 16,
} as const

/** Which optional parts of the envelope follow; added to the op. */
export const Part = {
  Remaining: 32,
  Sender: 64,
  Extensions: 128,
  Chain: 256,
  /** No part: in place of the index stands the slot of a call, and what that one brings is called. */
  Follows: 512,
} as const
/** The op without its parts. */
export const OP = 31

export const VERSION = 1
