import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import { type Route, RemoteRef } from './remote-ref.js'

/** The link that leads to a reference, as the reference sees it. */
export interface Carrier {
  /** The id of the realm there. */
  readonly peer: string
  readonly defaultTimeout: number
  readonly open: boolean
  readonly trusted: boolean
  send(message: Message, index: number): void
  /** Sends a call for what another one, unanswered in its slot, will bring. False if it would have to wait. */
  follow(message: Message, slot: number): boolean
  request(verb: string, args: readonly unknown[], timeout?: number): Promise<unknown>
  /** Sends a request that is ready. */
  demand(request: Message, timeout?: number): void
  watch(index: number, listener: (reason: unknown) => void, isTold?: boolean): () => void
  /** Says that what was handed out at a place of our table has come to its end. */
  tell(index: number, reason: unknown): void
  /** What the peer handed out so often is not needed here any more. */
  returnLease(index: number, count: number): void
  /** The peer handed `ref` out, at that place of its table. */
  took(index: number, ref: RemoteRef): void
}

/** The way over one link, to a place in the table of the peer that handed the reference out. */
export class LinkRoute implements Route {
  constructor(
    readonly carrier: Carrier,
    readonly index: number,
    /** The longer way that this one replaced. */
    readonly next?: LinkRoute,
  ) {}

  get defaultTimeout(): number {
    return this.carrier.defaultTimeout
  }

  get open(): boolean {
    return this.carrier.open
  }

  deliver(message: Message): void {
    this.carrier.send(message, this.index)
  }

  control(request: Message): void {
    request.args = [this.index, ...request.args]
    // A route change waits for its fence as long as the way lives.
    this.carrier.demand(request, request.method === 'fence' ? Infinity : undefined)
  }

  /** `isTold`: the peer tells of its end unasked. */
  watch(listener: (reason: unknown) => void, isTold?: boolean): () => void {
    return this.carrier.watch(this.index, listener, isTold)
  }
}

/** The link that a reference goes by now; undefined for what is here or not found yet. */
export const linkRouteOf = (ref: Ref): LinkRoute | undefined =>
  ref instanceof RemoteRef && ref.route instanceof LinkRoute ? ref.route : undefined
