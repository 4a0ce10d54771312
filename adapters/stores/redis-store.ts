import { ActorError, checkMilliseconds, type Store, type StoreCommit, type StoreRecord } from '../../core/adapter.js'
import { persevere } from '../engines/persevere.js'
import { checkOptions } from '../base/options.js'
import { checkPrefix } from '../engines/prefix.js'
import { keyOfText, ownerOf, textOfKey } from '../base/record-key.js'
import { RedisScripts, type Script } from '../engines/redis-scripts.js'
import { Refused } from '../engines/refused.js'
import { storeAway, storeClosed, storedFailed } from '../base/stored-failed.js'
import { argumentsOf, COMMIT, READ } from './redis-commit.js'

/** The options of `redisStore`. */
export interface RedisStoreOptions {
  /** What the keys begin with: stores of one prefix are one store. `troupe` unless given. */
  readonly prefix?: string
  /** Milliseconds that a call waits while the server can't be reached, or does not answer. 10,000 unless given. */
  readonly timeout?: number
}

const TIMEOUT = 10_000

/**
 * Keeps the records of durable actors in Redis. What was committed is as safe as the server is told to keep it: with
 * `appendonly yes` and `appendfsync always` it survives a crash of the server and the loss of power. With the defaults of
 * Redis, a crash loses the last seconds.
 *
 * Takes a client of node-redis or ioredis, which stays the user's: it is never closed here. Many processes may use one prefix.
 * All records of an actor are in one hash. In a Redis Cluster, the prefix needs braces, such as `{carts}`.
 *
 * Throws `malformed` for anything but a client. Calls reject with `stored-failed`, with the error of the client or the server
 * as its cause. `ran` is `'maybe'` for a commit that may have been made.
 */
export function redisStore(client: object, options: RedisStoreOptions = {}): Store {
  checkOptions('redisStore', options, ['prefix', 'timeout'])
  const prefix = checkPrefix('redisStore', options.prefix)
  const timeout = checkMilliseconds('timeout', options.timeout) ?? TIMEOUT
  return new RedisStore(new RedisScripts('redisStore', client), `${prefix}:store:`, timeout)
}

class RedisStore implements Store {
  readonly #scripts: RedisScripts
  readonly #prefix: string
  readonly #timeout: number
  /** The key under which the server keeps what the last call of this store did. */
  readonly #last: string
  #number = 0
  #isClosed = false

  constructor(scripts: RedisScripts, prefix: string, timeout: number) {
    this.#scripts = scripts
    this.#prefix = prefix
    this.#timeout = timeout
    // A name of an actor holds no '/'.
    this.#last = `${prefix}/last/${crypto.randomUUID()}`
  }

  async read(prefix: string): Promise<readonly StoreRecord[]> {
    const found = (await this.#run(READ, [this.#keyOfText(ownerOf(prefix))], [])) as Buffer[]
    const records: StoreRecord[] = []
    for (let at = 0; at < found.length; at += 2) {
      const key = keyOfText(found[at]!.toString())
      if (key.startsWith(prefix)) records.push({ key, value: new Uint8Array(found[at + 1]!) })
    }
    return records.sort((one, other) => (one.key < other.key ? -1 : 1))
  }

  async commit(commits: readonly StoreCommit[]): Promise<readonly boolean[]> {
    const { owners, args } = argumentsOf(commits)
    const keys = [this.#last, ...owners.map((owner) => this.#keyOfText(owner))]
    const made = String(await this.#run(COMMIT, keys, [String(++this.#number), ...args]))
    return Array.from(made, (digit) => digit === '1')
  }

  async close(): Promise<void> {
    this.#isClosed = true
  }

  #keyOfText(owner: string): string {
    return this.#prefix + textOfKey(owner)
  }

  #run(script: Script, keys: readonly string[], args: readonly (string | Uint8Array)[]): Promise<unknown> {
    const timeout = this.#timeout
    const stopped = (): ActorError | undefined => {
      if (this.#isClosed) return storeClosed()
      return this.#scripts.isClosed ? new ActorError('stored-failed', 'the client of redis is closed') : undefined
    }
    const gaveUp = (ran: 'no' | 'maybe', cause: unknown): ActorError => storeAway(timeout, ran, cause)
    return persevere({ timeout, isRead: script === READ, stopped, gaveUp }, async () => {
      try {
        return await this.#scripts.run(script, keys, args)
      } catch (error) {
        throw error instanceof Refused ? storedFailed(error.cause, error.ran) : error
      }
    })
  }
}
