import type { Address } from '../address.js'
import type { Message } from '../message.js'
import { type Home, Ref, type Verb } from '../ref.js'

/** The link that leads to a reference, as the reference sees it. */
export interface Carrier {
  readonly patience: number
  readonly open: boolean
  readonly trusted: boolean
  send(message: Message, index: number): void
  request(verb: string, args: readonly unknown[]): Promise<unknown>
}

/** An actor, a function or a stream behind a link. The route may change; the reference stays. */
export class RemoteRef extends Ref {
  constructor(
    override readonly home: Home,
    override readonly address: Address,
    override readonly key: string,
    public carrier: Carrier,
    /** Its place in the table of the peer that exported it. */
    public index: number,
  ) {
    super()
  }

  get patience(): number {
    return this.carrier.patience
  }

  deliver(message: Message): void {
    this.carrier.send(message, this.index)
  }

  control(verb: Verb, options?: unknown): Promise<unknown> {
    return this.carrier.request(verb, [this.index, options])
  }
}
