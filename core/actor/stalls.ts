import type { Realm } from '../realm/realm.js'
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
  readonly #realm: Realm
  readonly #busy = new Map<Busy, Watched>()
  /** Noted since the last look: one that gets many messages is not looked up for each. */
  #last: Busy | undefined
  #timer: unknown

  constructor(realm: Realm) {
    this.#realm = realm
  }

  /** Those that were told, and still go on. */
  get all(): Stalled[] {
    const told = [...this.#busy].filter(([actor, { message, isTold }]) => isTold && actor.oldest === message)
    return told.map(([actor, { message, since }]) => describe(actor, message!, this.#realm.env.now() - since))
  }

  /** An actor handles a message while others wait. */
  note(actor: Busy): void {
    if (actor === this.#last || this.#realm.stalled === Infinity) return
    this.#last = actor
    if (this.#busy.has(actor)) return
    this.#watch(actor)
    this.#timer ??= this.#arm()
  }

  stop(): void {
    this.#realm.env.clearTimer(this.#timer)
    this.#busy.clear()
  }

  #watch(actor: Busy): void {
    this.#busy.set(actor, { message: actor.oldest, since: this.#realm.env.now(), isTold: false })
  }

  #arm(): unknown {
    return this.#realm.env.setTimer(() => this.#look(), this.#realm.stalled / 4, true)
  }

  #look(): void {
    this.#last = undefined
    for (const [actor, watched] of this.#busy) {
      const { oldest } = actor
      if (!oldest || actor.waiting === 0) this.#busy.delete(actor)
      else if (oldest !== watched.message) this.#watch(actor)
      else if (!watched.isTold) this.#tell(actor, watched)
    }
    this.#timer = this.#busy.size > 0 ? this.#arm() : undefined
  }

  /** Tells once of a handler that has run for as long as the realm says. */
  #tell(actor: Busy, watched: Watched): void {
    const { env, events, stalled: limit } = this.#realm
    const runs = env.now() - watched.since
    if (runs < limit) return
    watched.isTold = true
    const stalled = describe(actor, watched.message!, runs)
    const { address, method, waiting, awaits } = stalled
    const what = awaits.length > 0 ? `; it waits for ${awaits.join(', ')}` : ''
    const text = `[troupe] ${address.path} has run ${method}() for ${Math.round(runs)} ms, with ${waiting} waiting${what}`
    events.emit('stalled', stalled)
    this.#realm.log({ level: 'warn', text, error: undefined })
  }
}

/** The calls that its handler made and that are not settled, the last one first. */
function* callsOf(message: Message): Iterable<Message> {
  for (let call = message.node.calls; call; call = call.node.before) yield call
}

function describe({ address, waiting }: Busy, message: Message, runs: number): Stalled {
  const awaits = Array.from(callsOf(message), ({ method, receiver }) => {
    const path = (receiver as Ref | undefined)?.address.path
    const call = method ? `${method}()` : 'a function'
    return path ? `${call} of ${path}` : call
  })
  return { address, method: message.method, runs, waiting, awaits }
}
