import { ActorError } from '../../core/adapter.js'
import type { Claim, Claims } from './claims.js'

/** A claim of this process. */
interface Lease {
  readonly claim: Claim
  /** Until when it is certainly held, on the clock of this process. */
  until: number
  /** Called once, when it is lost. */
  readonly lost: (reason: ActorError) => void
}

/** A claim is renewed when this part of its lease is over, and counts as lost at that part: before the server ends it. */
const RENEWED = 1 / 3
const LOST = 0.9

/** Renews the claims of this process, all with one call, and tells of those that are lost. */
export class Leases {
  readonly #claims: Claims
  readonly #leases = new Map<Claim, Lease>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(claims: Claims) {
    this.#claims = claims
  }

  /** A claim that was granted by a call that began at `since`. */
  add(claim: Claim, since: number, lost: (reason: ActorError) => void): void {
    this.#leases.set(claim, { claim, until: since + this.#claims.lease * LOST, lost })
    this.#wait()
  }

  /** It is not renewed any more. Returns whether it was held as far as is known here. */
  delete(claim: Claim): boolean {
    return this.#leases.delete(claim)
  }

  #wait(): void {
    if (this.#timer !== undefined || this.#leases.size === 0) return
    const first = Math.min(...[...this.#leases.values()].map(({ until }) => until))
    const pause = Math.max(0, Math.min(this.#claims.lease * RENEWED, first - performance.now()))
    this.#timer = setTimeout(() => {
      void this.#renew().finally(() => {
        this.#timer = undefined
        this.#wait()
      })
    }, pause)
    // What holds the connection keeps the process alive.
    ;(this.#timer as { unref?(): void }).unref?.()
  }

  /** Never rejects: what can't be renewed in time is lost. */
  async #renew(): Promise<void> {
    const since = performance.now()
    for (const lease of this.#leases.values()) {
      // This process did not run for a while: another one may have it already.
      if (lease.until <= since) this.#lose(lease, undefined)
    }
    const leases = [...this.#leases.values()]
    if (leases.length === 0) return
    const rest = Math.min(...leases.map(({ until }) => until)) - since
    let held: readonly boolean[] | undefined
    let cause: unknown
    try {
      held = await this.#claims.renew(
        leases.map(({ claim }) => claim),
        Math.max(0, Math.min(rest, this.#claims.lease * RENEWED)),
      )
    } catch (error) {
      cause = error
    }
    const now = performance.now()
    for (const [place, lease] of leases.entries()) {
      if (held?.[place]) lease.until = since + this.#claims.lease * LOST
      if (held?.[place] === false || lease.until <= now) this.#lose(lease, cause)
    }
  }

  #lose(lease: Lease, cause: unknown): void {
    const { claim, lost } = lease
    if (!this.#leases.delete(claim)) return
    void this.#claims.release(claim, this.#claims.lease).catch(() => {})
    lost(new ActorError('expired', `'${claim.name}' is not held any more: its lease is over`, { cause }))
  }
}
