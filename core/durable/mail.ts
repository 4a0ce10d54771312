import type { Address } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import { QUEUE } from '../ground/limits.js'
import type { Message } from '../message/message.js'
import type { Realm } from '../realm/realm.js'
import { DeadLetters, type StoredLetter } from './dead-letters.js'
import { Inbox, type StoredMessage } from './inbox.js'
import type { Journal } from './journal.js'
import type { Packer } from './packer.js'

/** So often a message is begun whose handler ends the process. Then it is a dead letter. */
const CRASHES = 5

/** The actor whose messages they are. */
export interface Addressee {
  readonly home: Realm
  readonly address: Address
  /** Whether no message is handled any more. */
  readonly isOver: boolean
  /** Takes a message as if it had come now. */
  deliver(message: Message): void
  /** Puts a message into the mailbox. */
  post(message: Message): void
}

/**
 * The messages of an actor that are in the store, and those that wait for that. Those of an earlier run are begun one at a
 * time, so that it is known which one ended the process. What comes meanwhile is delivered after them.
 */
export class Mail {
  readonly letters: DeadLetters
  readonly #journal: Journal
  readonly #inbox: Inbox
  readonly #actor: Addressee
  #early: Message[] = []
  /** Those of an earlier run that are not begun. */
  #due: StoredMessage[] = []
  /** The one of an earlier run that is handled now. */
  #begun: StoredMessage | undefined
  /** The one that is being accepted. */
  #accepting: StoredMessage | undefined

  constructor(journal: Journal, packer: Packer, actor: Addressee) {
    this.#journal = journal
    this.#actor = actor
    this.letters = new DeadLetters(journal, packer, actor.home.env)
    this.#inbox = new Inbox(journal, packer, (message) => this.#failed(message))
  }

  /** Whether messages of an earlier run are still to be handled. */
  get isBehind(): boolean {
    return this.#begun !== undefined || this.#due.length > 0
  }

  load(records: ReadonlyMap<string, Uint8Array>): void {
    this.letters.load(records)
    this.#begun = undefined
    this.#due = this.#inbox.load(records)
  }

  /** A new instance takes over what the one before it left. */
  renew(): void {
    this.#begun = undefined
    this.#due = [...this.#inbox.again(), ...this.#due].sort((one, other) => one.serial - other.serial)
  }

  /** Keeps a message until all of an earlier run is handled. */
  hold(message: Message): void {
    if (this.#early.length < QUEUE) return void this.#early.push(message)
    const text = `too many messages wait for the start of ${this.#actor.address.path}`
    message.fail(new ActorError('overloaded', text))
  }

  /** Whether the message was held, and is not any more. */
  withdraw(message: Message): boolean {
    const place = this.#early.indexOf(message)
    if (place >= 0) this.#early.splice(place, 1)
    return place >= 0
  }

  /** Begins the next message of an earlier run, if none is under way; after the last one, what was held is delivered. */
  next(): void {
    if (this.#begun) return
    const message = (this.#begun = this.#due.shift())
    if (!message) return this.release()
    if (message.tries >= CRASHES) {
      const text = `${message.method}() was begun ${message.tries} times and never ended`
      this.#begun = undefined
      this.#bury(message, new ActorError('stored-failed', text, { ran: 'maybe' }))
      return this.next()
    }
    this.#inbox.begins(message)
    this.#journal.whenStored({ stored: () => message.settled || this.#actor.post(message), failed: () => {} })
  }

  /** What was held is delivered. */
  release(): void {
    const early = this.#early
    this.#early = []
    for (const message of early) if (!message.settled) this.#actor.deliver(message)
  }

  /** Takes out a dead letter. Throws `not-found` or `stopped`. */
  take(id: number): StoredLetter {
    const { isOver, address } = this.#actor
    if (isOver) throw new ActorError('stopped', `${address.path} is stopped`)
    return this.letters.take(id)
  }

  /** Stores a message, and puts it into the mailbox. Returns why that was refused, if it was. */
  accept(message: Pick<Message, 'method' | 'args' | 'extensions'>): { readonly error: unknown } | undefined {
    try {
      this.#accepting = this.#inbox.accept(message)
    } catch (error) {
      return { error }
    }
    const stored = this.#accepting
    this.#actor.post(stored)
    this.#accepting = undefined
    return stored.failure
  }

  /** The handler of a stored message is through: one that failed is a dead letter. */
  handled(message: StoredMessage, isOk: boolean, outcome: unknown): void {
    if (isOk) {
      this.#inbox.done(message)
      message.done(outcome)
    } else this.#bury(message, outcome)
    if (message !== this.#begun) return
    const next = (): void => {
      this.#begun = undefined
      this.next()
    }
    this.#journal.whenStored({ stored: next, failed: () => {} })
  }

  #bury(message: StoredMessage, error: unknown): void {
    const { method } = message
    const { home, address } = this.#actor
    const args = this.#inbox.argsOf(message)
    this.#inbox.done(message)
    this.letters.add({ method, args, to: undefined, error })
    home.lost(error, `${method}() to ${address.path}, which was stored`)
    message.started = true
    message.fail(error)
  }

  /** A stored message failed without a handler that threw. */
  #failed(message: StoredMessage): void {
    if (message === this.#accepting) return this.#inbox.done(message)
    // It is handled by the next instance, or at the next start.
    if (message.started || this.#actor.isOver) return
    this.#bury(message, message.failure!.error)
  }
}
