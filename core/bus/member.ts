import { Channel } from '../transport/channel.js'
import type { Facts, Traits } from '../transport/transport.js'
import type { Codec } from '../wire/codec.js'
import type { Guest, Medium } from './medium.js'

/** What a member's transport needs of the roster that it is on. */
export interface Seat {
  readonly medium: Medium
  say(data: unknown): void
  hold(active: boolean): void
  /** The link has ended; `isSilent` if the member did not answer. */
  leave(isSilent: boolean): void
}

/** The way to one member of a bus. */
export class Member extends Channel {
  readonly traits: Traits
  readonly codec: Codec
  readonly #seat: Seat
  #held = false
  #isSilent = false

  constructor(seat: Seat, trusted = seat.medium.traits.trusted) {
    super()
    const { medium } = seat
    this.traits = { ...medium.traits, transfer: false, topology: 'bus', trusted, heartbeat: medium.watch === undefined }
    this.codec = medium.codec
    this.#seat = seat
  }

  hold(active: boolean): void {
    if (active === this.#held) return
    this.#held = active
    this.#seat.hold(active)
  }

  silent(): void {
    this.#isSilent = true
  }

  /** Something came from this member. */
  hear(data: unknown): void {
    this.take(data)
  }

  protected post(data: unknown): void {
    this.#seat.say(data)
  }

  protected end(): void {
    this.hold(false)
    this.#seat.leave(this.#isSilent)
  }
}

/** The way to a member that is not trusted as the others are. */
export class Visitor extends Member {
  readonly facts: Facts
  readonly #guest: Guest

  constructor(seat: Seat, guest: Guest) {
    super(seat, false)
    this.facts = guest.facts
    this.#guest = guest
  }

  get buffered(): number {
    return this.#guest.buffered
  }

  admitted(): void {
    this.#guest.admitted()
  }

  pause(paused: boolean): void {
    this.#guest.pause(paused)
  }
}
