import { isOf } from './slots.js'

/** The platform's streams, as far as they are used. */
export interface Readable {
  readonly locked: boolean
  getReader(): Reader
}

export interface Reader {
  readonly closed: Promise<unknown>
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

export const isReadable = (value: unknown): value is Readable => isOf('ReadableStream', 'locked', value)

export const isWritable = (value: unknown): value is Writable => isOf('WritableStream', 'locked', value)
