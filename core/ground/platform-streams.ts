import { aborter, onAbort } from './abort.js'

/** The platform's streams, as far as they are used. */
export interface Readable {
  readonly locked: boolean
  getReader(): Reader
  pipeTo(writable: Writable, options: { readonly signal: AbortSignal }): Promise<void>
}

export interface Reader {
  read(): Promise<{ done: boolean; value?: unknown }>
  cancel(reason?: unknown): Promise<void>
}

export interface Writable {
  readonly locked: boolean
  getWriter(): Writer
}

export interface Writer {
  write(chunk: unknown): Promise<void>
  close(): Promise<void>
  abort(reason?: unknown): Promise<void>
}

type Class<T> = (abstract new () => T) | undefined
declare const ReadableStream: Class<Readable>
declare const WritableStream: Class<Writable>
declare const TransformStream: new () => { readonly readable: Readable; readonly writable: Writable }

export const isReadable = (value: unknown): value is Readable =>
  typeof ReadableStream !== 'undefined' && value instanceof ReadableStream

export const isWritable = (value: object): value is Writable =>
  typeof WritableStream !== 'undefined' && value instanceof WritableStream

/** What is in `stream`, until the signal fires: then it fails with the reason, and `stream` is cancelled with it. */
export function readUntil(signal: AbortSignal, stream: Readable, reason: () => unknown): Readable {
  // Whoever has it locked has all that is in it.
  if (stream.locked) return stream
  const { readable, writable } = new TransformStream()
  const end = aborter()
  const release = onAbort(signal, () => end.abort(reason()))
  stream.pipeTo(writable, { signal: end.signal }).then(release, release)
  return readable
}
