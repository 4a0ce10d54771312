import type { Ask } from '../message/ask.js'
import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import { refOf } from '../proxy/proxy.js'
import type { Ref } from '../message/ref.js'
import type { Carrier } from './link-route.js'
import { type RemoteHome, RemoteRef } from './remote-ref.js'
import { WaitingRoute } from './waiting-route.js'

/** By the call that brings it. */
const PROMISED = new WeakMap<Message, RemoteRef>()

/**
 * What a call that left over a link, `carrier`, brings: the actor itself once it came.
 * Undefined for a call that was settled before anybody asked.
 */
export function promisedBy(call: Ask, home: RemoteHome, carrier: Carrier): Ref | undefined {
  const known = PROMISED.get(call)
  if (known || call.settled) return known?.actual
  const id = `?${home.serial()}`
  const ref = new RemoteRef(home, { id, name: undefined, path: `/${id}`, kind: 'promise', realm: home.id }, id)
  const route = new PromisedRoute(call, carrier, ref)
  ref.route = route
  PROMISED.set(call, ref)
  // Before anybody else hears of it, so that nothing sent to what came overtakes what was sent to its promise.
  call.onSettling((outcome, isFailure) => route.settled(outcome, isFailure))
  return ref
}

/**
 * The way to what a call will bring while that one is on its way over a link: calls leave at once, and follow it there.
 * What may not leave now waits here, in order, until the call is settled.
 */
class PromisedRoute extends WaitingRoute {
  readonly #call: Ask
  readonly #carrier: Carrier
  /** What left. */
  #sent: Message[] = []

  constructor(call: Ask, carrier: Carrier, ref: RemoteRef) {
    super(ref)
    this.#call = call
    this.#carrier = carrier
  }

  override get defaultTimeout(): number {
    return (this.found ?? this.#carrier).defaultTimeout
  }

  override deliver(message: Message): void {
    if (this.#call.settled || this.waiters.size > 0 || !message.expectsReply) return super.deliver(message)
    this.#sent.push(message)
    if (this.#carrier.follow(message, this.#call.slot)) return
    this.#sent.pop()
    super.deliver(message)
  }

  settled(outcome: unknown, isFailure: boolean): void {
    const found = isFailure ? undefined : refOf(outcome)?.actual
    if (found && found !== this.ref) {
      this.#sent = []
      return this.arrive(found)
    }
    // It followed one that failed itself, and all were told why.
    if (!this.open) return
    const text = `${this.#call.method}(), whose result is the actor to call, `
    const reason = isFailure
      ? new ActorError('unreachable', `${text}failed`, { cause: outcome })
      : new ActorError('malformed', `${text}returned no proxy`)
    const left = this.#abandonAll(reason)
    // A link that ended settles what left by it: that may have run.
    if (!this.#carrier.open) return
    for (const message of left) {
      if (!this.#call.gaveUp) message.fail(reason)
      else message.cancel(new ActorError('unknown', `${text}was given up`, { cause: outcome }))
    }
  }

  /** Settles all that waits here and behind what left, and returns what left: a list, since one may follow another. */
  #abandonAll(reason: ActorError): Message[] {
    const routes: PromisedRoute[] = [this]
    const left: Message[] = []
    for (const route of routes) {
      for (const message of route.#sent) {
        const next = PROMISED.get(message)?.route
        if (next instanceof PromisedRoute) routes.push(next)
        left.push(message)
      }
      route.#sent = []
    }
    for (const route of routes) route.giveUp(reason)
    return left
  }
}
