import type { Cell } from '../actor/cell.js'
import type { Message } from '../message/message.js'
import type { Verb } from '../message/ref.js'
import { answer } from '../message/request.js'
import { readStopOptions } from '../message/stop-options.js'

/** Does what a request asks for with the instance that is here. */
export const controlHere = (cell: Cell, request: Message): void =>
  answer(cell.home, request, () => cell.life.control(request.method as Verb, readStopOptions(request.args[0])))

/** Requests that wait until it is known where an actor is. */
export class HeldRequests {
  readonly #held: Message[] = []

  hold(request: Message): void {
    this.#held.push(request)
  }

  /** It is known: they go there, in order. */
  release(cell: Cell): void {
    for (const request of this.#held.splice(0)) if (!request.settled) cell.control(request)
  }
}
