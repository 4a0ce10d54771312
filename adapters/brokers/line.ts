import type {} from '../../core/adapter.js'
import { Incoming } from './incoming.js'
import { Outgoing, type Way } from './outgoing.js'
import type { Seal } from './seal.js'

/** What goes to and comes from one member. */
export class Line {
  readonly outgoing: Outgoing
  readonly incoming: Incoming
  /** What its packets are checked with, and those to it are signed with. */
  readonly seal: Seal
  /** The number of the last packet without payloads that came. */
  #last: number

  /** `last`: the number of the packet by which the member became known. `largest`: bytes of the largest payload. */
  constructor(way: Way, seal: Seal, largest: number, last: number, isAdmitted: boolean) {
    this.seal = seal
    this.outgoing = new Outgoing(way)
    this.incoming = new Incoming(largest, isAdmitted)
    this.#last = last
  }

  /** Whether a packet without payloads is newer than those before it. */
  isNew(number: number): boolean {
    if (number <= this.#last) return false
    this.#last = number
    return true
  }
}
