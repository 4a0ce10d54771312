import { ActorError, checkMilliseconds, type Store, type StoreCommit, type StoreRecord } from '../../core/adapter.js'
import { checkOptions } from '../base/options.js'
import { checkBucket } from '../engines/bucket.js'
import { JetStream } from '../engines/jetstream.js'
import { MadeStream } from '../engines/made-stream.js'
import { persevere } from '../engines/persevere.js'
import { ownerOf } from '../base/record-key.js'
import { Refused } from '../engines/refused.js'
import { storeAway, storeClosed, storedFailed } from '../base/stored-failed.js'
import { shortTokenOf } from '../engines/subject-token.js'
import { type Attempts, NatsOwner } from './nats-owner.js'

/** The options of `natsStore`. */
export interface NatsStoreOptions {
  /** The name of the store: letters, digits, `_` and `-`. Stores of one bucket are one store. `troupe` unless given. */
  readonly bucket?: string
  /** How many servers of a cluster keep each record. 1 unless given; heeded where the bucket is made. */
  readonly replicas?: number
  /** Milliseconds that a call waits while the server can't be reached, or does not answer. 10,000 unless given. */
  readonly timeout?: number
}

const TIMEOUT = 10_000
/** Bytes of records that are kept in memory, so that they need not be read before each commit. */
const KEPT = 64 * 1024 * 1024

/**
 * Keeps the records of durable actors in JetStream, the storage of NATS. What was committed survives a crash of the server
 * process. A single server writes to its disk every two minutes unless its `sync_interval` says otherwise: against a loss of
 * power, use a cluster and `replicas: 3`.
 *
 * Takes a connection of `@nats-io/transport-node`, or of `wsconnect` in a browser, which stays the user's: it is never closed
 * here. The stream `troupe_store_<bucket>` is made where it is missing. All records of an actor are in messages of one subject,
 * and a commit is one message: so all keys of a commit must begin with the same text up to the first `/`.
 *
 * Throws `malformed` for anything but a connection. Calls reject with `stored-failed`, with the error of the connection or the
 * server as its cause. `ran` is `'maybe'` for a commit that may have been made.
 */
export function natsStore(connection: object, options: NatsStoreOptions = {}): Store {
  checkOptions('natsStore', options, ['bucket', 'replicas', 'timeout'])
  const bucket = checkBucket('natsStore', options.bucket)
  const timeout = checkMilliseconds('timeout', options.timeout) ?? TIMEOUT
  const { replicas = 1 } = options
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > 5)
    throw new ActorError('malformed', `'replicas' must be a whole number from 1 to 5, not ${String(replicas)}`)
  return new NatsStore(new JetStream('natsStore', connection), bucket, replicas, timeout)
}

class NatsStore implements Store {
  readonly #jetstream: JetStream
  readonly #bucket: string
  readonly #replicas: number
  readonly #timeout: number
  readonly #made: MadeStream
  #isClosed = false
  /** By name, the one that was used last at the end. */
  readonly #owners = new Map<string, NatsOwner>()
  /** What each of them takes in memory, and all of them. */
  readonly #sizes = new Map<string, number>()
  #size = 0

  constructor(jetstream: JetStream, bucket: string, replicas: number, timeout: number) {
    this.#jetstream = jetstream
    this.#bucket = bucket
    this.#replicas = replicas
    this.#timeout = timeout
    this.#made = new MadeStream(
      () => this.#make(),
      () => this.#owners.forEach((owner) => owner.forget()),
    )
  }

  async read(prefix: string): Promise<readonly StoreRecord[]> {
    const { log } = await this.#use(ownerOf(prefix), true, (owner) => owner.refresh())
    return [...log.records]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => ({ key, value: new Uint8Array(value) }))
      .sort((one, other) => (one.key < other.key ? -1 : 1))
  }

  async commit(commits: readonly StoreCommit[]): Promise<readonly boolean[]> {
    const made = commits.map(() => true)
    const places = new Map<string, number[]>()
    for (const [place, commit] of commits.entries()) {
      const name = ownerOfAll(commit)
      if (name !== undefined) places.set(name, [...(places.get(name) ?? []), place])
    }
    const writing = Array.from(places, async ([name, own]) => {
      const attempts: Attempts = new Map()
      const all = own.map((place) => commits[place]!)
      let outcome: readonly boolean[] = []
      await this.#use(name, false, async (owner) => (outcome = await owner.write(all, attempts)))
      for (const [at, place] of own.entries()) made[place] = outcome[at]!
    })
    // All of them are over then.
    for (const result of await Promise.allSettled(writing)) if (result.status === 'rejected') throw result.reason
    return made
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#owners.clear()
    this.#jetstream.close()
  }

  /** Does it with what is known of an owner, when all is done that was begun with it before. */
  async #use(name: string, isRead: boolean, work: (owner: NatsOwner) => Promise<unknown>): Promise<NatsOwner> {
    const subject = `troupe.store.${this.#bucket}.${shortTokenOf(name)}`
    const owner = this.#owners.get(name) ?? new NatsOwner(this.#jetstream, this.#stream, subject)
    this.#owners.delete(name)
    this.#owners.set(name, owner)
    await owner.inTurn(() => this.#persist(isRead, async () => void (await this.#made.use(() => work(owner)))))
    this.#count(name, owner.log.size)
    return owner
  }

  get #stream(): string {
    return `troupe_store_${this.#bucket}`
  }

  async #make(): Promise<void> {
    await this.#jetstream.stream({
      name: this.#stream,
      subjects: [`troupe.store.${this.#bucket}.>`],
      retention: 'limits',
      storage: 'file',
      discard: 'new',
      num_replicas: this.#replicas,
    })
  }

  /** Forgets those that were not used for longest, if all take too much memory. */
  #count(name: string, size: number): void {
    this.#size += size - (this.#sizes.get(name) ?? 0)
    this.#sizes.set(name, size)
    for (const other of this.#owners.keys()) {
      if (this.#size <= KEPT || other === name) return
      this.#size -= this.#sizes.get(other) ?? 0
      this.#sizes.delete(other)
      this.#owners.delete(other)
    }
  }

  #persist(isRead: boolean, attempt: () => Promise<void>): Promise<void> {
    const timeout = this.#timeout
    const stopped = (): ActorError | undefined => {
      if (this.#isClosed) return storeClosed()
      return this.#jetstream.isClosed ? new ActorError('stored-failed', 'the connection to NATS is closed') : undefined
    }
    const gaveUp = (ran: 'no' | 'maybe', cause: unknown): ActorError => storeAway(timeout, ran, cause)
    return persevere({ timeout, isRead, stopped, gaveUp }, async () => {
      try {
        await attempt()
      } catch (error) {
        throw error instanceof Refused ? storedFailed(error, error.ran) : error
      }
    })
  }
}

/** The owner of all records of a commit; undefined if there is none. Throws `malformed` if there are several. */
function ownerOfAll({ expected, changes }: StoreCommit): string | undefined {
  const keys = [...(expected ? [expected] : []), ...changes].map(({ key }) => key)
  const [owner, ...others] = new Set(keys.map(ownerOf))
  if (others.length === 0) return owner
  throw new ActorError('malformed', `natsStore can't change ${keys[0]} and records of ${others[0]} in one commit`)
}
