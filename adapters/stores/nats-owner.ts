import type { StoreCommit } from '../../core/adapter.js'
import { type JetStream, OTHER_LAST } from '../engines/jetstream.js'
import { Unanswered } from '../engines/persevere.js'
import { Refused } from '../engines/refused.js'
import { messagesOf, NatsLog, newId } from './nats-log.js'

/** Attempts at one call, by the ids of their messages, and which commits each would make. */
export type Attempts = Map<string, readonly boolean[]>

/** The records of one owner in JetStream: what its log says, and the one place that adds to it. */
export class NatsOwner {
  readonly #jetstream: JetStream
  readonly #stream: string
  readonly #subject: string
  log = new NatsLog()
  /** Whether the log held all that was in the stream when it was read or written last. */
  #isRead = false
  #turn: Promise<unknown> = Promise.resolve()

  constructor(jetstream: JetStream, stream: string, subject: string) {
    this.#jetstream = jetstream
    this.#stream = stream
    this.#subject = subject
  }

  /** Does it when all that was asked for before is done. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** All is read again: what was there is not there any more. */
  forget(): void {
    this.log = new NatsLog()
    this.#isRead = false
  }

  /** Reads what was added since the last time. Returns the ids of these messages. */
  async refresh(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>()
    const range = { filter: this.#subject, from: this.log.last + 1 }
    for (const message of await this.#jetstream.read(this.#stream, range)) {
      const id = this.log.take(message)
      if (id !== undefined) ids.add(id)
    }
    this.#isRead = true
    return ids
  }

  /**
   * Makes commits with one message, which is added only if no other one was since the log was read. If an attempt had no
   * answer, the next one finds its message in the log, or adds one that excludes it.
   */
  async write(commits: readonly StoreCommit[], attempts: Attempts): Promise<readonly boolean[]> {
    let isFresh = false
    for (;;) {
      if (!this.#isRead) {
        isFresh = true
        for (const id of await this.refresh()) if (attempts.has(id)) return attempts.get(id)!
      }
      const { made, changed } = this.log.outcome(commits)
      if (changed.size > 0) {
        const id = newId()
        attempts.set(id, made)
        const { last } = this.log
        this.#isRead = false
        if (await this.#add(id, changed)) {
          this.#isRead = true
          return made
        }
        for (const other of await this.refresh()) if (attempts.has(other)) return attempts.get(other)!
        isFresh = true
        if (this.log.last === last) await this.#restart()
      } else if (isFresh) return made
      else this.#isRead = false
    }
  }

  /** The server has another last message, and none that is new: it has lost some. The log is read from its start. */
  async #restart(): Promise<void> {
    const { last } = this.log
    this.forget()
    await this.refresh()
    if (this.log.last === last)
      throw new Unanswered('maybe', new Error('the server expects another message than the last one of the subject'))
  }

  /** Returns false if another one has added a message. */
  async #add(id: string, changed: ReadonlyMap<string, Uint8Array | undefined>): Promise<boolean> {
    const { log } = this
    const entry = log.entryOf(changed)
    let first = 0
    try {
      for (const data of messagesOf(entry, id, this.#jetstream.largest)) {
        const seq = await this.#jetstream.add(this.#subject, data, log.last)
        first ||= seq
        log.take({ seq, data })
      }
    } catch (error) {
      if (error instanceof Refused && error.code === OTHER_LAST) return false
      throw error
    }
    // What came before is not needed any more. If this fails, the next time does it.
    if (entry.isFull)
      this.#jetstream.ask(`STREAM.PURGE.${this.#stream}`, { filter: this.#subject, seq: first }).catch(() => {})
    return true
  }
}
