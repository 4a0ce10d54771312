import { ActorError } from '../../ground/errors.js'
import type { Message } from '../../message/message.js'
import { actorBehind } from '../../proxy/marks.js'
import { LinkRoute } from '../../remote/link-route.js'
import type { References } from '../references/references.js'
import type { Pipelining } from './incoming-calls.js'

/** Calls of a peer that wait, in order, for the replies to earlier ones of its: they are for what those bring. */
export class PipelinedCalls implements Pipelining {
  readonly #references: References
  /** Delivers to a reference that the peer holds. */
  readonly #deliver: (index: number, message: Message) => void
  readonly #waiting = new Map<number, Message[]>()
  /** Those whose turn it is. */
  readonly #due: { readonly place: number | undefined; readonly messages: readonly Message[] }[] = []
  #delivering = false

  constructor(references: References, deliver: (index: number, message: Message) => void) {
    this.#references = references
    this.#deliver = deliver
  }

  /** Where the actor is that a value was just sent as: its index, or the complement of the one that the peer gave it. */
  placeOf(value: unknown): number | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    const { realm, exports } = this.#references
    const ref = actorBehind(realm, value)?.actual
    const route = ref && this.#references.routeOf(ref)
    return route ? ~route.index : ref && exports.indexOf(ref)
  }

  follow(slot: number, before: Message | number | undefined, message: Message): void {
    if (typeof before !== 'object' || before.gaveUp || before === message) {
      return this.#deliverTo(typeof before === 'number' ? before : undefined, message)
    }
    const waiting = this.#waiting.get(slot)
    if (waiting) waiting.push(message)
    else this.#waiting.set(slot, [message])
  }

  answered(slot: number, place: number | undefined): void {
    const waiting = this.#waiting.get(slot)
    if (!waiting) return
    this.#waiting.delete(slot)
    this.#due.push({ place, messages: waiting })
    // What fails now may be followed by others, and so on: each has its turn here, none within another.
    if (this.#delivering) return
    this.#delivering = true
    for (let next = this.#due.shift(); next; next = this.#due.shift()) {
      for (const message of next.messages) if (!message.settled) this.#deliverTo(next.place, message)
    }
    this.#delivering = false
  }

  /** To what the call before it brought. The caller knows by now why that one brought nothing. */
  #deliverTo(place: number | undefined, message: Message): void {
    if (place === undefined) {
      message.fail(new ActorError('unreachable', `the call before ${message.method}() returned no actor`))
    } else if (place < 0) new LinkRoute(this.#references.carrier, ~place).deliver(message)
    else this.#deliver(place, message)
  }
}
