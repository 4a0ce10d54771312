// The room resume: a channel that outlives the connections that carry it.
import { ActorError, type ErrorCode } from '../ground/errors.js'
import { Channel } from '../transport/channel.js'
import type { Lasting, Outage, OutageWatcher, Predecessor, Resume, Traits, Transport } from '../transport/transport.js'

/** Payloads, bytes, and milliseconds, after which the other end is told what came. */
const TOLD = { payloads: 256, bytes: 128 * 1024, ms: 10_000 }
/** Bytes that are kept for the other end while there is no connection. */
const KEPT = 8 * 1024 * 1024
/** Why a connection ended that no other one would change. */
const FINAL = new Set<ErrorCode>(['protocol', 'too-large', 'unauthorized'])

/** Who brings a session another connection, or waits for one. */
export interface SessionOwner {
  /** When a payload last came. */
  readonly time: number
  /** The session has a link now, and lasts. */
  begun?(session: Session): void
  /** It has no connection any more. */
  lost(session: Session, reason: ActorError): void
  /** It has one again. */
  found(session: Session): void
  /** It keeps so many bytes more while it has no connection. */
  kept?(bytes: number): void
  /** It is over. */
  over(session: Session): void
}

/**
 * A transport of bytes, carried by one connection after the other.
 *
 * Both ends count the payloads of the session. What was sent is kept until the other end says that it has it; after an outage
 * each end says how many it has, and is sent the rest. So nothing is lost, and nothing comes twice. A connection that breaks
 * before there is a link, or when the peer does not do this, ends the session.
 */
export class Session extends Channel implements Lasting {
  readonly traits: Traits
  readonly codec: Transport['codec']
  readonly facts: Transport['facts']
  readonly lasting = this
  /** The number of payloads that came. */
  received = 0
  /** The nonce of the side that connected, by which a later connection finds the session. */
  id = ''
  watcher: OutageWatcher | undefined
  readonly #owner: SessionOwner
  #carrier: Transport | undefined
  /** What the other end may not have, the oldest first. */
  #kept: Uint8Array[] = []
  #keptBytes = 0
  /** How many were sent before those. */
  #had = 0
  #keeps = true
  #held = false
  #paused = false
  #untold = 0
  #toldAt = 0
  #toldCount = 0

  constructor(carrier: Transport, owner: SessionOwner) {
    super()
    this.traits = carrier.traits
    this.codec = carrier.codec
    this.facts = carrier.facts
    this.#owner = owner
    this.#ride(carrier)
  }

  /** Whether there is no connection. */
  get isOut(): boolean {
    return !this.#carrier
  }

  get keptBytes(): number {
    return this.#keptBytes
  }

  get buffered(): number {
    return this.#carrier?.buffered ?? this.#keptBytes
  }

  hold(active: boolean): void {
    this.#held = active
    this.#carrier?.hold?.(active)
  }

  admitted(): void {
    this.#carrier?.admitted?.()
  }

  pause(paused: boolean): void {
    this.#paused = paused
    this.#carrier?.pause?.(paused)
  }

  begin(watcher: OutageWatcher, id: string): void {
    if (!watcher.understands('resume')) {
      this.#keeps = false
      this.#forget(this.#kept.length)
      return
    }
    this.watcher = watcher
    this.id = id
    this.#toldAt = this.#owner.time
    this.#owner.begun?.(this)
  }

  silent(reason: ActorError): boolean {
    const isLasting = this.watcher !== undefined
    if (isLasting) this.drop(reason)
    return isLasting
  }

  /** Ends the connection: another one may take its place. */
  drop(reason: ActorError): void {
    const carrier = this.#carrier
    if (!carrier) return
    this.#lost(carrier, reason)
    carrier.close()
  }

  release(): Transport {
    const carrier = this.#carrier!
    this.#carrier = undefined
    return carrier
  }

  /** What another connection needs to carry it, as it is now. */
  resume(): Resume {
    const claim = { session: this.id, received: this.received }
    return {
      claim,
      goOn: (by, received) => {
        if (this.received !== claim.received) throw new ActorError('unreachable', 'the peer connected anew meanwhile')
        this.#goOn(by, received)
      },
    }
  }

  #goOn(by: Predecessor, received: number): void {
    by.handOver()
    this.watcher!.grant = by.grant
    const connection = by.transport
    // One that came to a server has a session of its own, which it needs no more.
    const carrier = connection.lasting?.release() ?? connection
    if (this.isOver) return carrier.close()
    const count = received - this.#had
    if (!(count >= 0 && count <= this.#kept.length)) {
      carrier.close()
      return this.fail(new ActorError('protocol', 'the peer says that it has what was never sent'))
    }
    this.#owner.found(this)
    this.#forget(count)
    this.#ride(carrier)
    this.#untold = this.#toldCount = 0
    for (const data of this.#kept) carrier.send(data, [])
    this.watcher!.changed(undefined)
  }

  /** There is no connection: tells when the next attempt is made, or that this side waits for one. */
  tell(outage: Outage): void {
    this.watcher?.changed(outage)
  }

  protected post(data: unknown): void {
    if (this.#keeps) {
      this.#kept.push(data as Uint8Array)
      this.#keptBytes += (data as Uint8Array).length
    }
    if (this.#carrier) return this.#carrier.send(data, [])
    this.#owner.kept?.((data as Uint8Array).length)
    if (this.#keptBytes > KEPT)
      this.fail(new ActorError('unreachable', `more than ${KEPT} bytes wait for a peer that is not connected`))
  }

  protected end(): void {
    const carrier = this.#carrier
    this.#carrier = undefined
    carrier?.close()
    this.#kept = []
    this.#owner.over(this)
  }

  #ride(carrier: Transport): void {
    this.#carrier = carrier
    carrier.hold?.(this.#held)
    if (this.#paused) carrier.pause?.(true)
    carrier.receive((data) => {
      if (this.#carrier === carrier) this.#received(data)
    })
    void carrier.closed.then((reason) => this.#lost(carrier, reason))
  }

  #received(data: unknown): void {
    // A text says how many payloads the other end has.
    if (typeof data === 'string' && /^\d{1,15}$/.test(data)) return this.#told(Number(data))
    this.received++
    this.take(data)
    if (!this.watcher || !this.#carrier) return
    this.#untold += (data as Uint8Array).length
    const { time } = this.#owner
    if (++this.#toldCount < TOLD.payloads && this.#untold < TOLD.bytes && time - this.#toldAt < TOLD.ms) return
    this.#untold = this.#toldCount = 0
    this.#toldAt = time
    this.#carrier.send(String(this.received), [])
  }

  #told(received: number): void {
    const count = received - this.#had
    if (count > this.#kept.length)
      return this.fail(new ActorError('protocol', 'the peer says that it has what was never sent'))
    if (count > 0) this.#forget(count)
  }

  #forget(count: number): void {
    for (const data of this.#kept.splice(0, count)) this.#keptBytes -= data.length
    this.#had += count
  }

  #lost(carrier: Transport, reason: ActorError): void {
    if (carrier !== this.#carrier) return
    if (!this.watcher || FINAL.has(reason.code)) return this.fail(reason)
    this.#carrier = undefined
    this.#owner.lost(this, reason)
  }
}
