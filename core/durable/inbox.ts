import type { Caller, Extensions, Receiver } from '../message/message.js'
import { Message } from '../message/message.js'
import { KEY, STORE } from '../message/stored.js'
import type { Journal } from './journal.js'
import type { Packer } from './packer.js'
import { nameOfRecord, serialOf } from './record-name.js'

/** What a message asks for, and whose it is as far as that is known. */
type Content = Pick<Message, 'method' | 'args' | 'extensions'> & {
  readonly sender?: Receiver | undefined
  readonly caller?: Caller | undefined
}

/** A message that was acknowledged: it is in the store until it was handled. */
export class StoredMessage extends Message {
  readonly serial: number
  /** How often it was begun in earlier runs of the process, none of which came to its end. */
  readonly tries: number
  /** Why it was not handled, or what its handler threw. */
  failure: { readonly error: unknown } | undefined
  readonly #caller: Caller | undefined
  readonly #failed: (message: StoredMessage) => void

  constructor(serial: number, tries: number, content: Content, failed: (message: StoredMessage) => void) {
    super(content.method, content.args, content.sender, Infinity, content.extensions)
    this.serial = serial
    this.tries = tries
    this.#caller = content.caller
    this.#failed = failed
  }

  override get expectsReply(): boolean {
    return false
  }

  override get caller(): Caller | undefined {
    return this.#caller
  }

  protected resolve(): void {}

  protected reject(error: unknown): void {
    this.failure = { error }
    this.#failed(this)
  }
}

interface Kept {
  readonly message: StoredMessage
  /** Method, arguments, extensions, and caller, as they came. */
  readonly content: Uint8Array
}

/** The messages of an actor that are stored and not handled yet. */
export class Inbox {
  readonly #journal: Journal
  readonly #packer: Packer
  readonly #waiting = new Map<number, Kept>()
  readonly #failed: (message: StoredMessage) => void

  /** `failed` hears of those that fail. */
  constructor(journal: Journal, packer: Packer, failed: (message: StoredMessage) => void) {
    this.#journal = journal
    this.#packer = packer
    this.#failed = failed
  }

  /** Those of an earlier run, in order. What is here of a failed run counts no more. */
  load(records: ReadonlyMap<string, Uint8Array>): StoredMessage[] {
    for (const { message } of this.#waiting.values()) message.settled = true
    this.#waiting.clear()
    return [...records]
      .filter(([key]) => key.startsWith('in/'))
      .map(([key, record]) => {
        const [tries, content] = this.#packer.unpack(record) as [number, Uint8Array]
        return this.#keep(serialOf(key), tries, content)
      })
  }

  /** Those that an instance left which is gone, in order. */
  again(): StoredMessage[] {
    const left = [...this.#waiting].filter(([, { message }]) => message.settled)
    return left.map(([serial, { message, content }]) => this.#keep(serial, message.tries, content))
  }

  /** A message as it is to be handled. Throws `uncloneable` where it cannot be stored. */
  accept({ method, args, sender, caller, extensions }: Content): StoredMessage {
    // How it was to be acknowledged is no part of what is handled.
    const { [STORE]: _, [KEY]: __, ...rest } = extensions ?? {}
    const content = this.#packer.pack([method, args, rest, caller])
    const serial = this.#journal.next()
    const message = new StoredMessage(serial, 0, { method, args, sender, caller, extensions: rest }, this.#failed)
    this.#waiting.set(serial, { message, content })
    this.#journal.put(nameOfRecord('in', serial), this.#packer.pack([0, content]))
    return message
  }

  /** It is about to be begun, and may end the process. */
  begins({ serial, tries }: StoredMessage): void {
    const { content } = this.#waiting.get(serial)!
    this.#journal.replace(nameOfRecord('in', serial), this.#packer.pack([tries + 1, content]))
  }

  /** The arguments as they came: a handler may have changed them. */
  argsOf({ serial, args }: StoredMessage): readonly unknown[] {
    const kept = this.#waiting.get(serial)
    return kept ? (this.#packer.unpack(kept.content)[1] as unknown[]) : args
  }

  /** It is not to be begun again. */
  done(message: StoredMessage): void {
    if (this.#waiting.delete(message.serial)) this.#journal.remove(nameOfRecord('in', message.serial))
  }

  #keep(serial: number, tries: number, content: Uint8Array): StoredMessage {
    const [method, args, extensions, caller] = this.#packer.unpack(content) as [
      string,
      unknown[],
      Extensions,
      Caller | undefined,
    ]
    const message = new StoredMessage(serial, tries, { method, args, extensions, caller }, this.#failed)
    this.#waiting.set(serial, { message, content })
    return message
  }
}
