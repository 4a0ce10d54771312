// The room bus: addressed pairs of links on a medium that many share.
import { ActorError } from '../ground/errors.js'
import { type Medium, type Packet, readPacket } from './medium.js'
import { Member, type Seat, Visitor } from './member.js'

/**
 * Makes addressed pairs of a bus: whoever comes says so to all, and each of the others answers him alone.
 * Both make a transport of it, and what is not for us, or from somebody unknown, is nobody's.
 */
export class Roster {
  readonly #self: string
  readonly #medium: Medium
  readonly #members = new Map<string, Member>()
  readonly #met: (id: string, transport: Member) => void
  #held = 0

  /** `met` gets the transport to each member that comes up. */
  constructor(self: string, medium: Medium, met: (id: string, transport: Member) => void) {
    this.#self = self
    this.#medium = medium
    this.#met = met
    void medium.closed.then((reason) => {
      for (const member of this.#members.values()) member.fail(reason)
    })
    medium.receive((data) => {
      const packet = readPacket(data)
      if (packet) this.#receive(packet)
    })
    this.#send('here', undefined)
  }

  get closed(): Promise<ActorError> {
    return this.#medium.closed
  }

  /** Tells the others, and ends. */
  leave(): void {
    this.#send('gone', undefined)
    this.#medium.close()
  }

  #send(kind: Packet['kind'], to: string | undefined, data?: unknown): void {
    this.#medium.send({ from: this.#self, to, kind, data } satisfies Packet, [])
  }

  #receive({ from, to, kind, data }: Packet): void {
    if (from === this.#self || (to !== undefined && to !== this.#self)) return
    const member = this.#members.get(from)
    if (kind === 'data') member?.hear(data)
    else if (kind === 'gone') member?.fail(new ActorError('unreachable', 'the peer left the bus'))
    else if (!member) this.#welcome(from, to === undefined)
  }

  #welcome(id: string, isNew: boolean): void {
    if (isNew) this.#send('here', id)
    const medium = this.#medium
    const seat: Seat = {
      medium,
      say: (data) => this.#send('data', id, data),
      hold: (active) => this.#hold(active),
      leave: (isSilent) => {
        unwatch?.()
        if (this.#members.get(id) === member) this.#members.delete(id)
        medium.ended?.(id, isSilent)
      },
    }
    const guest = medium.guest?.(id)
    const member = guest ? new Visitor(seat, guest) : new Member(seat)
    const died = (): void => member.fail(new ActorError('unreachable', 'the peer is gone from the bus'))
    const unwatch = medium.watch?.(id, died)
    this.#members.set(id, member)
    this.#met(id, member)
  }

  #hold(active: boolean): void {
    const before = this.#held
    this.#held += active ? 1 : -1
    if (before === 0 || this.#held === 0) this.#medium.hold?.(this.#held > 0)
  }
}
