import { Gauge } from './gauge.js'

/** The platform's streams, as far as the suite uses them; core knows no DOM types. */
export interface Readable<T> {
  readonly locked: boolean
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: T }>
    cancel(reason?: unknown): Promise<void>
  }
}
export interface Writable<T> {
  getWriter(): {
    readonly closed: Promise<void>
    write(chunk: T): Promise<void>
    close(): Promise<void>
    abort(reason?: unknown): Promise<void>
  }
}
interface Controller<T> {
  enqueue(chunk: T): void
  close(): void
}
declare const ReadableStream: new <T>(source: {
  pull(controller: Controller<T>): unknown
  cancel?(reason: unknown): unknown
}) => Readable<T>
declare const WritableStream: new <T>(sink: {
  write(chunk: T): unknown
  close?(): unknown
  abort?(reason: unknown): unknown
}) => Writable<T>

/** Numbers from 1, made as they are read. */
export function numbers(to: number, seen: (event: string) => void = () => {}): Readable<number> {
  let made = 0
  return new ReadableStream<number>({
    pull(controller) {
      if (made === to) {
        seen('closed')
        controller.close()
      } else controller.enqueue(++made)
    },
    cancel: (reason) => seen(`cancelled: ${String(reason)}`),
  })
}

/** Its second chunk cannot be sent. */
export function unsendable(seen: (event: string) => void): Readable<unknown> {
  const chunks = [1, Symbol('chunk'), 3]
  return new ReadableStream({
    pull: (controller) => controller.enqueue(chunks.shift()),
    cancel: () => seen('cancelled'),
  })
}

/** Hands each chunk on. */
export const writable = (take: (chunk: number) => unknown): Writable<number> => new WritableStream({ write: take })

/** Takes what is written. */
export const collector = (into: unknown[]): Writable<unknown> =>
  new WritableStream<unknown>({
    write: (chunk) => void into.push(chunk),
    close: () => void into.push('closed'),
    abort: (reason) => void into.push(`aborted: ${reason instanceof Error ? reason.message : String(reason)}`),
  })

/** What the suite asks of an actor about streams of the platform. */
export class Conduit extends Gauge {
  readonly #events: unknown[] = []

  readable(to: number): Readable<number> {
    return numbers(to, (event) => this.#events.push(event))
  }

  /** Its second chunk cannot be sent. */
  unsendables(): Readable<unknown> {
    return unsendable((event) => this.#events.push(event))
  }

  /** Nothing ever comes of it. */
  idle(): Readable<number> {
    return new ReadableStream<number>({
      pull: () => new Promise(() => {}),
      cancel: (reason) => void this.#events.push(`cancelled: ${String(reason)}`),
    })
  }

  async total(stream: Readable<number>): Promise<number> {
    const reader = stream.getReader()
    let total = 0
    for (let next = await reader.read(); !next.done; next = await reader.read()) total += next.value!
    return total
  }

  writable(): Writable<unknown> {
    return collector(this.#events)
  }

  /** Writes a chunk that cannot be sent, and says what became of it. */
  async spoil(into: Writable<unknown>): Promise<unknown> {
    const writer = into.getWriter()
    // What becomes of the whole stream is seen at its other end.
    writer.closed.catch(() => {})
    await writer.write(1)
    return writer.write(Symbol('chunk')).catch((error: unknown) => error)
  }

  async pour(into: Writable<number>, to: number): Promise<void> {
    const writer = into.getWriter()
    for (let n = 1; n <= to; n++) await writer.write(n)
    await writer.close()
  }

  events(): readonly unknown[] {
    return this.#events
  }
}
