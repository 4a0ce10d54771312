import type { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'

/** A stream of an actor, which ends with the instance that made it. */
interface Ending {
  close(reason: ActorError): unknown
}

/** The streams of one actor that are not over: generators that have begun, and streams of the platform. */
export class Streams extends Set<Ending> {
  /** Steps that await something: their actor handles other messages meanwhile. Steps of an incarnation that is gone are not among them. */
  steps: Set<Message> | undefined

  /** Ends them: whoever reads one learns the reason. Resolves when those that were between two steps ran their `finally`. */
  async close(reason: ActorError): Promise<void> {
    await Promise.all(Array.from(this, (stream) => stream.close(reason)))
  }
}
