// The closed set of structures in a value. Primitives have no tag here: each codec writes them its own way.
// Constants of their own, which bundlers put where they are used: `import * as Tag`.

export const Null = 0
export const Array = 1
export const Object = 2
export const Map = 3
export const Set = 4
export const Date = 5
export const Buffer = 6
export const View = 7
export const Error = 8
/** A container that stands earlier in the same frame: cycles and shared identity. */
export const Same = 9
export const Hole = 10
export const Boxed = 11
/** Carried by the platform's own clone; byte links without one refuse. */
export const Platform = 12
export const Actor = 13
export const Function = 14
export const Stream = 15
/** A reference that comes home. */
export const Yours = 16
/** A bound method: actor and name. */
export const Method = 17
/** An AbortSignal: it fires when the one that it stands for does. */
export const Signal = 18
/** A ReadableStream, read in steps as any stream. */
export const Readable = 19
/** A WritableStream. */
export const Writable = 20
/** The name of a handler, and what it made of the value. */
export const Handled = 21
