import { ActorError } from '../../core/adapter.js'
import { type JetStream, OTHER_LAST, type StreamMessage } from '../engines/jetstream.js'
import { MadeStream } from '../engines/made-stream.js'
import { persevere } from '../engines/persevere.js'
import { Refused } from '../engines/refused.js'
import { textOfToken, tokenOf } from '../engines/subject-token.js'
import { type Answer, type Claim, type Claims, serverAway } from './claims.js'

/** What a message says of the claim to the name in its subject. */
interface Written {
  /** Of the attempt to claim it. */
  readonly id: string
  readonly value: string
  /** When the first message of this claim was stored; the message is that one unless given. */
  readonly token?: number
}

/** A claim of this process. */
interface Own {
  readonly id: string
  /** The number of the last message. */
  seq: number
}

const NANOSECONDS = 1_000_000
/** The shortest time that the server takes for the age of its messages. */
const WINDOW = 120_000

/**
 * Claims in a stream of JetStream, one message for each name. The server's time of the first message of a claim is its token:
 * a server that was killed may give the number of a message that was removed again. Each renewal replaces the message. The
 * server removes a message when it is as old as the lease.
 */
export class NatsClaims implements Claims {
  readonly lease: number
  readonly #jetstream: JetStream
  readonly #stream: string
  readonly #subject: string
  readonly #made = new MadeStream(() => this.#make())
  readonly #own = new WeakMap<Claim, Own>()

  /** `kind` and `bucket` are parts of the stream's name. */
  constructor(jetstream: JetStream, kind: string, bucket: string, lease: number) {
    this.#jetstream = jetstream
    this.#stream = `troupe_${kind}_${bucket}`
    this.#subject = `troupe.${kind}.${bucket}.`
    this.lease = lease
  }

  claim(name: string, id: string, value: string, timeout: number): Promise<Answer> {
    return this.#run(timeout, false, async () => {
      for (;;) {
        const seq = await this.#add(name, { id, value }, 0)
        const found = await this.#find(name)
        if (!found) continue
        const claim = claimOf(name, found)
        const isGranted = found.written.id === id
        if (isGranted) this.#own.set(claim, { id, seq: found.seq })
        // The lease of what was claimed before begins anew.
        if (!isGranted || seq !== undefined || (await this.#renew(claim))) return { isGranted, claim }
      }
    })
  }

  renew(claims: readonly Claim[], timeout: number): Promise<readonly boolean[]> {
    return this.#run(timeout, false, () => Promise.all(claims.map((claim) => this.#renew(claim))))
  }

  release(claim: Claim, timeout: number): Promise<boolean> {
    return this.#run(timeout, false, async () => {
      const own = this.#own.get(claim)
      // A renewal may have had no answer.
      const found = own && (await this.#find(claim.name))
      this.#own.delete(claim)
      if (!own || found?.written.id !== own.id) return false
      return this.#remove(found.seq)
    })
  }

  find(name: string, timeout: number): Promise<Claim | undefined> {
    return this.#run(timeout, true, async () => {
      const found = await this.#find(name)
      return found && claimOf(name, found)
    })
  }

  list(timeout: number): Promise<readonly Claim[]> {
    return this.#run(timeout, true, async () => {
      const messages = await this.#jetstream.read(this.#stream, { filter: `${this.#subject}>` })
      const claims = new Map<string, Claim>()
      for (const message of messages) {
        const name = textOfToken(message.subject.slice(this.#subject.length))
        claims.set(name, claimOf(name, read(message)))
      }
      return [...claims.values()]
    })
  }

  async #renew(claim: Claim): Promise<boolean> {
    const { name, token, value } = claim
    const own = this.#own.get(claim)
    if (!own) return false
    const seq = await this.#add(name, { id: own.id, value, token }, own.seq)
    // If it is not the last message, that may be a renewal that had no answer.
    const found = seq === undefined ? await this.#find(name) : undefined
    if (seq === undefined && found?.written.id !== own.id) return false
    own.seq = seq ?? found!.seq
    return true
  }

  /** Returns the number of the message, or undefined if another one is there than `last`. */
  async #add(name: string, written: Written, last: number): Promise<number | undefined> {
    try {
      return await this.#jetstream.add(this.#subject + tokenOf(name), JSON.stringify(written), last)
    } catch (error) {
      if (error instanceof Refused && error.code === OTHER_LAST) return undefined
      throw error
    }
  }

  async #find(name: string): Promise<Found | undefined> {
    const message = await this.#jetstream.last(this.#stream, this.#subject + tokenOf(name))
    return message && read(message)
  }

  /** Returns whether the message was there: a renewal has another number. */
  async #remove(seq: number): Promise<boolean> {
    try {
      await this.#jetstream.ask(`STREAM.MSG.DELETE.${this.#stream}`, { seq, no_erase: true })
      return true
    } catch (error) {
      if (error instanceof Refused) return false
      throw error
    }
  }

  async #make(): Promise<void> {
    const age = this.lease * NANOSECONDS
    const { max_age } = await this.#jetstream.stream({
      name: this.#stream,
      subjects: [`${this.#subject}>`],
      retention: 'limits',
      storage: 'file',
      discard: 'new',
      max_msgs_per_subject: 1,
      max_age: age,
      duplicate_window: Math.min(age, WINDOW * NANOSECONDS),
      num_replicas: 1,
    })
    const kept = Number(max_age) / NANOSECONDS
    if (kept !== this.lease)
      throw new ActorError('malformed', `the stream ${this.#stream} has a lease of ${kept} ms, not ${this.lease}`)
  }

  #run<T>(timeout: number, isRead: boolean, work: () => Promise<T>): Promise<T> {
    const stopped = (): ActorError | undefined =>
      this.#jetstream.isClosed ? new ActorError('unreachable', 'the connection to NATS is closed') : undefined
    const gaveUp = (ran: 'no' | 'maybe', cause: unknown): ActorError => serverAway(timeout, ran, cause)
    return persevere({ timeout, isRead, stopped, gaveUp }, async () => {
      try {
        return await this.#made.use(work)
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        throw new ActorError('unreachable', `the server refused: ${error.message}`, { cause: error })
      }
    })
  }
}

/** The message of a name. */
interface Found {
  readonly seq: number
  readonly time: number
  readonly written: Written
}

const read = ({ seq, time, data }: StreamMessage): Found => ({
  seq,
  time,
  written: JSON.parse(new TextDecoder().decode(data)) as Written,
})

const claimOf = (name: string, { time, written: { token = time, value } }: Found): Claim => ({ name, token, value })
