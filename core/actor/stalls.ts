import type { Env } from '../ground/env.js'
import type { Stalled } from '../realm/realm-events.js'
import type { Ref } from '../message/ref.js'
import type { Message } from '../message/message.js'

/** An actor, as far as it is busy. */
interface Busy extends Ref {
  /** Of the messages whose handlers are under way, the one that has been for longest. */
  readonly oldest: Message | undefined
  readonly waiting: number
}

interface Watched {
  message: Message | undefined
  /** When it was first seen, on the realm's clock. */
  since: number
  isTold: boolean
}

/**
 * Finds handlers that run for long while other messages wait for their actors. A busy actor that has messages waiting is
 * noted, and looked at a few times while a handler may run; there is no timer while no actor is noted.
 */
export class Stalls {
  readonly #env: Env
  readonly #limit: number
  readonly #tell: (stalled: Stalled) => void
  readonly #busy = new Map<Busy, Watched>()
  /** Noted since the last look: one that gets many messages is not looked up for each. */
  #last: Busy | undefined
  #timer: unknown

  /** `tell` hears once of each handler that runs for `limit` milliseconds. */
  constructor(env: Env, limit: number, tell: (stalled: Stalled) => void) {
    this.#env = env
    this.#limit = limit
    this.#tell = tell
  }

  /** Those that were told, and still go on. */
  get all(): Stalled[] {
    const now = this.#env.now()
    const told = [...this.#busy].filter(([actor, { message, isTold }]) => isTold && actor.oldest === message)
    return told.map(([actor, { message, since }]) => describe(actor, message!, now - since))
  }

  /** An actor handles a message while others wait. */
  note(actor: Busy): void {
    if (actor === this.#last || this.#limit === Infinity) return
    this.#last = actor
    if (this.#busy.has(actor)) return
    this.#busy.set(actor, { message: actor.oldest, since: this.#env.now(), isTold: false })
    this.#timer ??= this.#arm()
  }

  stop(): void {
    this.#env.clearTimer(this.#timer)
    this.#busy.clear()
  }

  #arm(): unknown {
    return this.#env.setTimer(() => this.#look(), this.#limit / 4, true)
  }

  #look(): void {
    const now = this.#env.now()
    this.#last = undefined
    for (const [actor, watched] of this.#busy) {
      const { oldest } = actor
      if (!oldest || actor.waiting === 0) this.#busy.delete(actor)
      else if (oldest !== watched.message) Object.assign(watched, { message: oldest, since: now, isTold: false })
      else if (!watched.isTold && now - watched.since >= this.#limit) {
        watched.isTold = true
        this.#tell(describe(actor, oldest, now - watched.since))
      }
    }
    this.#timer = this.#busy.size > 0 ? this.#arm() : undefined
  }
}

/** The calls that its handler made and that are not settled, the last one first. */
function* callsOf(message: Message): Iterable<Message> {
  for (let call = message.node.calls; call; call = call.node.before) yield call
}

function describe({ address, waiting }: Busy, message: Message, runs: number): Stalled {
  const awaits = Array.from(callsOf(message), ({ method, receiver }) => {
    const path = (receiver as Ref | undefined)?.address.path
    return path ? `${method}() of ${path}` : `${method}()`
  })
  return { address, method: message.method, runs, waiting, awaits }
}
