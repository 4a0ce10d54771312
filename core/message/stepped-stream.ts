import { Abortable } from './abortable.js'
import type { Message } from './message.js'

export type Move = 'next' | 'return' | 'throw'

/** A stream of an actor of this realm: each step is a message of that actor. */
export abstract class SteppedStream extends Abortable {
  /** `outer` is a peer's message that asks for the step, and bounds it. */
  abstract step(move: Move, value: unknown, outer?: Message): Promise<IteratorResult<unknown>>
}
