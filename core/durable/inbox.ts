import { ActorError } from '../ground/errors.js'
import { type Caller, type Extensions, Message, type Receiver } from '../message/message.js'
import { KEY, STORE } from '../message/stored.js'
import { nameOfRecord, serialOf } from './record-name.js'
import type { Journal } from './journal.js'
import type { Packer } from './packer.js'

/** So often a message is begun again whose handler ended the process, before it is a dead letter. */
const CRASHES = 5

/** What a message asks for, and whose it is as far as that is known. */
type Content = Pick<Message, 'method' | 'args' | 'extensions'> & {
  readonly sender?: Receiver | undefined
  readonly caller?: Caller | undefined
}

/** A message that was acknowledged: it is in the store until it was handled. */
export class StoredMessage extends Message {
  readonly serial: number
  readonly caller: Caller | undefined
  /** Why it was not handled, or what its handler threw. */
  failure: { readonly error: unknown } | undefined
  readonly #failed: (message: StoredMessage) => void

  constructor(serial: number, from: Content, failed: (message: StoredMessage) => void) {
    super(from.method, from.args, from.sender, Infinity, from.extensions)
    this.serial = serial
    this.caller = from.caller
    this.#failed = failed
  }

  get expectsReply(): boolean {
    return false
  }

  protected resolve(): void {}

  protected reject(error: unknown): void {
    this.failure = { error }
    this.#failed(this)
  }

  protected abandon(): void {}
}

/** The messages of an actor that are stored and not handled yet. */
export class Inbox {
  readonly #journal: Journal
  readonly #packer: Packer
  readonly #waiting = new Map<number, StoredMessage>()
  readonly #failed: (message: StoredMessage) => void

  /** `failed` hears of those that were not handled. */
  constructor(journal: Journal, packer: Packer, failed: (message: StoredMessage) => void) {
    this.#journal = journal
    this.#packer = packer
    this.#failed = failed
  }

  /** Those of an earlier run, in order. What is here of a failed run counts no more. */
  load(records: ReadonlyMap<string, Uint8Array>): StoredMessage[] {
    for (const message of this.#waiting.values()) message.settled = true
    this.#waiting.clear()
    const messages = [...records]
      .filter(([key]) => key.startsWith('in/'))
      .map(([key, record]) => {
        const [method, args, tries, extensions] = this.#packer.unpack(record)
        return { key, method, args, tries, extensions } as Stored
      })
    return messages.map((stored, place) => this.#again(stored, place === 0))
  }

  /** A message as it is to be handled. Throws `uncloneable` where it cannot be stored. */
  accept(from: Content): StoredMessage {
    const serial = this.#journal.next()
    // How it was to be acknowledged is no part of what is handled.
    const { [STORE]: _, [KEY]: __, ...extensions } = from.extensions ?? {}
    const record = this.#packer.pack([from.method, from.args, 0, extensions])
    const { method, args, sender, caller } = from
    const stored = new StoredMessage(serial, { method, args, sender, caller, extensions }, this.#failed)
    this.#waiting.set(serial, stored)
    this.#journal.put(nameOfRecord('in', serial), record)
    return stored
  }

  /** It is not to be begun again. */
  done(message: StoredMessage): void {
    if (this.#waiting.delete(message.serial)) this.#journal.remove(nameOfRecord('in', message.serial))
  }

  // The first one may be what ended the process.
  #again({ key, method, args, tries, extensions }: Stored, isFirst: boolean): StoredMessage {
    const serial = serialOf(key)
    const message = new StoredMessage(serial, { method, args, extensions }, this.#failed)
    this.#waiting.set(serial, message)
    if (isFirst) this.#journal.replace(key, this.#packer.pack([method, args, tries + 1, extensions]))
    if (isFirst && tries >= CRASHES)
      message.fail(
        new ActorError('stored-failed', `${method}() was begun ${tries} times and never ended`, { ran: 'maybe' }),
      )
    return message
  }
}

interface Stored {
  readonly key: string
  readonly method: string
  readonly args: readonly unknown[]
  readonly tries: number
  readonly extensions: Extensions | undefined
}
