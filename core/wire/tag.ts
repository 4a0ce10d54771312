/** The closed set of structures in a value. Primitives have no tag here: each codec writes them its own way. */
export const Tag = {
  Null: 0,
  Array: 1,
  Object: 2,
  Map: 3,
  Set: 4,
  Date: 5,
  Buffer: 6,
  View: 7,
  Error: 8,
  /** A container that stands earlier in the same frame: cycles and shared identity. */
  Same: 9,
  Hole: 10,
  Boxed: 11,
  /** Carried by the platform's own clone; byte links without one refuse. */
  Platform: 12,
  Actor: 13,
  Function: 14,
  Stream: 15,
  /** A reference that comes home. */
  Yours: 16,
  /** A bound method: actor and name. */
  Method: 17,
  /** An AbortSignal: it fires when the one that it stands for does. */
  Signal: 18,
  /** A ReadableStream, read in steps as any stream. */
  Readable: 19,
  /** A WritableStream. */
  Writable: 20,
  /** The name of a handler, and what it made of the value. */
  Handled: 21,
} as const
export type Tag = (typeof Tag)[keyof typeof Tag]
export const TAGS = 22
