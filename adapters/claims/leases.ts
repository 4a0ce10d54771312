import { ActorError } from '../../core/adapter.js'
import { type Answer, type Claim, type Claims, TIMEOUT } from './claims.js'

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

/** Milliseconds that a claim waits at least while the server can't be reached. */
const LEAST = 1_000

/** Makes the claims of this process and renews them, all with one call, and tells of those that are lost. */
export class Leases {
  readonly #claims: Claims
  readonly #leases = new Map<Claim, Lease>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(claims: Claims) {
    this.#claims = claims
  }

  /**
   * Claims a name as `Claims` does, and holds what is granted. `until` is when the caller's time is over. `lost` is called once,
   * when the claim is lost.
   *
   * Rejects as a claim does, and with `unknown` if the server answers too late for the lease: then the claim is given back.
   */
  async claim(
    name: string,
    id: string,
    value: string,
    until: number,
    lost: (reason: ActorError) => void,
  ): Promise<Answer> {
    const { lease } = this.#claims
    for (let isAgain = false; ; isAgain = true) {
      const since = performance.now()
      const answer = await this.#claims.claim(name, id, value, Math.min(Math.max(until - since, LEAST), TIMEOUT))
      const { isGranted, claim } = answer
      const took = performance.now() - since
      if (!isGranted) return answer
      if (took < lease / 2) {
        this.#leases.set(claim, { claim, until: since + lease * LOST, lost })
        this.#wait()
        return answer
      }
      // An answer that was long under way leaves little of the lease: to claim it again renews it.
      if (!isAgain) continue
      void this.#claims.release(claim, lease).catch(() => {})
      const text = `the server answers after ${Math.round(took)} ms, too late for a lease of ${lease} ms; use a longer 'lease'`
      throw new ActorError('unknown', `'${name}' can't be held: ${text}`)
    }
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
