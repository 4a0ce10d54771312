/** The platform's streams, as far as they are used. */
export interface Readable {
  readonly locked: boolean
  getReader(): Reader
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

export const isReadable = (value: unknown): value is Readable =>
  typeof ReadableStream !== 'undefined' && value instanceof ReadableStream

export const isWritable = (value: object): value is Writable =>
  typeof WritableStream !== 'undefined' && value instanceof WritableStream
