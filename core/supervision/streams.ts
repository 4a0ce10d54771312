import type { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'

/** A stream of an actor, which ends with the instance that made it. */
interface Ending {
  close(reason: ActorError): Promise<void>
}

/** The streams of one actor that are not over: generators that have begun, and streams of the platform. */
export class Streams {
  #open: Set<Ending> | undefined
  /** Steps that await something: their actor handles other messages meanwhile. Steps of an incarnation that is gone are not among them. */
  steps: Set<Message> | undefined

  get size(): number {
    return this.#open?.size ?? 0
  }

  add(stream: Ending): void {
    this.#open ??= new Set()
    this.#open.add(stream)
  }

  delete(stream: Ending): void {
    this.#open?.delete(stream)
  }

  /** Ends them: whoever reads one learns the reason. Resolves when those that were between two steps ran their `finally`. */
  async close(reason: ActorError): Promise<void> {
    await Promise.all(Array.from(this.#open ?? [], (stream) => stream.close(reason)))
  }
}
