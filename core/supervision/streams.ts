import type { ActorError } from '../ground/errors.js'
import type { ActorStream } from '../actor/stream.js'

/** The generators of one actor that have begun and are not over. */
export class Streams {
  #open: Set<ActorStream> | undefined

  get size(): number {
    return this.#open?.size ?? 0
  }

  add(stream: ActorStream): void {
    this.#open ??= new Set()
    this.#open.add(stream)
  }

  delete(stream: ActorStream): void {
    this.#open?.delete(stream)
  }

  /** Ends them: whoever reads one learns the reason. Resolves when those that were between two steps ran their `finally`. */
  async close(reason: ActorError): Promise<void> {
    await Promise.all(Array.from(this.#open ?? [], (stream) => stream.close(reason)))
  }
}
