import { queueMicrotask } from '../ground/env.js'
import type { Env } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import type { Expiring } from '../ground/expiring.js'
import { SharedTimeout } from '../ground/shared-timeout.js'
import type { Store, StoreCommit, StoreRecord } from '../ground/store.js'

/** Milliseconds after which a store that does not answer has failed. */
const TIMEOUT = 30_000

/** One that has something to commit. */
export interface Committing {
  /** What it commits now. */
  take(): StoreCommit
  made(): void
  /** The store has another record than was expected. */
  refused(): void
  failed(error: ActorError): void
}

/** A call of the store that is under way. */
class Waiting implements Expiring {
  list: Expiring['list'] = undefined
  earlier: Expiring['earlier'] = undefined
  later: Expiring['later'] = undefined
  readonly #fail: (error: ActorError) => void

  constructor(fail: (error: ActorError) => void) {
    this.#fail = fail
  }

  expire(): void {
    const cause = new ActorError('timeout', `it did not answer within ${TIMEOUT} ms`, { ran: 'maybe' })
    this.#fail(new ActorError('stored-failed', 'the store failed', { ran: 'maybe', cause }))
  }
}

const ledgers = new WeakMap<Store, Ledger>()

/**
 * Commits for all actors of one store: what comes up while a commit is under way goes with the next one, so that many steps
 * cost one write.
 */
export class Ledger {
  readonly #store: Store
  readonly #timeout: SharedTimeout
  #waiting = new Set<Committing>()
  #isBusy = false
  /** A commit that took too long, and is still under way: there is no other one before it ends. */
  #late: Promise<unknown> | undefined

  private constructor(store: Store, env: Env) {
    this.#store = store
    this.#timeout = new SharedTimeout(env, TIMEOUT)
  }

  /** The one ledger of a store. */
  static of(store: Store, env: Env): Ledger {
    let ledger = ledgers.get(store)
    if (!ledger) ledgers.set(store, (ledger = new Ledger(store, env)))
    return ledger
  }

  /** Takes what it commits soon, once. */
  ask(committing: Committing): void {
    this.#waiting.add(committing)
    if (this.#isBusy) return
    this.#isBusy = true
    queueMicrotask(() => void this.#work())
  }

  /** The records of an actor. Rejects with `stored-failed`. */
  async read(prefix: string): Promise<readonly StoreRecord[]> {
    const records = await this.#use((store) => store.read(prefix))
    if (!Array.isArray(records)) throw new ActorError('stored-failed', 'read() of a store must resolve to an array')
    return records as readonly StoreRecord[]
  }

  /** What comes of a function of the store. Rejects with `stored-failed`, also when it takes too long. */
  #use<T>(work: (store: Store) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = new Waiting(reject)
      this.#timeout.add(waiting)
      const leave = (): void => waiting.list?.remove(waiting)
      // It may throw at once.
      void (async () => work(this.#store))().then(
        (value) => {
          leave()
          resolve(value)
        },
        (cause: unknown) => {
          leave()
          const isOurs = cause instanceof ActorError && cause.code === 'stored-failed'
          reject(isOurs ? cause : new ActorError('stored-failed', 'the store failed', { ran: 'maybe', cause }))
        },
      )
    })
  }

  async #commit(store: Store, commits: readonly StoreCommit[]): Promise<readonly boolean[]> {
    if (this.#late) throw new ActorError('timeout', 'an earlier commit is still under way')
    const made = Promise.resolve(store.commit(commits))
    this.#late = made
    const over = (): void => void (this.#late = undefined)
    made.then(over, over)
    return made
  }

  async #work(): Promise<void> {
    while (this.#waiting.size > 0) {
      const all = [...this.#waiting]
      this.#waiting = new Set()
      const commits = all.map((each) => each.take())
      try {
        await this.#settle(all, commits)
      } catch (error) {
        // One of them may be the cause: where nothing was changed, each is tried alone.
        const isApart = all.length > 1 && (error as ActorError).ran === 'no'
        for (const [place, each] of all.entries()) {
          if (!isApart) each.failed(error as ActorError)
          else await this.#settle([each], [commits[place]!]).catch((alone: ActorError) => each.failed(alone))
        }
      }
    }
    this.#isBusy = false
  }

  async #settle(all: readonly Committing[], commits: readonly StoreCommit[]): Promise<void> {
    const made = await this.#use((store) => this.#commit(store, commits))
    if (!Array.isArray(made) || made.length !== commits.length)
      throw new ActorError('stored-failed', 'commit() of a store must resolve to a boolean for each commit', {
        ran: 'maybe',
      })
    for (const [place, each] of all.entries()) {
      if (made[place] === true) each.made()
      else each.refused()
    }
  }
}
