import { Step } from '../actor/stream.js'
import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import { KEY } from '../message/stored.js'
import type { Journal } from './journal.js'
import type { Packer } from './packer.js'
import { nameOfRecord, serialOf } from './record-name.js'

/** Keys of messages that durable actors sent one way begin so: they have a window of their own. */
export const LETTER = '>'
/** So many of those are remembered. */
const LETTERS = 1_000

interface Known {
  readonly serial: number
  /** The key, whether it succeeded, and the result or the error; without that where it could not be stored. */
  readonly outcome: Uint8Array
}

/** What came of the last messages that had a key: one that comes again gets the same answer, and does not run. */
export class Duplicates {
  readonly #journal: Journal
  readonly #packer: Packer
  readonly #most: number
  readonly #calls = new Map<string, Known>()
  readonly #letters = new Map<string, Known>()
  /** Messages whose handlers run, and those with the same key that came meanwhile. */
  readonly #running = new Map<string, { readonly first: Message; readonly others: Message[] }>()

  /** `most` are remembered. */
  constructor(journal: Journal, packer: Packer, most: number) {
    this.#journal = journal
    this.#packer = packer
    this.#most = most
  }

  load(records: ReadonlyMap<string, Uint8Array>): void {
    this.#calls.clear()
    this.#letters.clear()
    for (const [key, outcome] of records) {
      if (!key.startsWith('done/')) continue
      const name = this.#packer.unpack(outcome)[0] as string
      this.#tableOf(name).set(name, { serial: serialOf(key), outcome })
    }
  }

  /** Whether there is an outcome of a message with its key. */
  knows(message: Message): boolean {
    const key = callKey(message)
    return key !== undefined && this.#tableOf(key).has(key)
  }

  /** Whether the message waits for one with the same key, whose handler runs. Otherwise its own begins. */
  waits(message: Message): boolean {
    const key = callKey(message)
    if (key === undefined) return false
    const same = this.#running.get(key)
    if (!same) this.#running.set(key, { first: message, others: [] })
    // One that is tried again is the first itself.
    const isOther = same !== undefined && same.first !== message
    if (isOther) same.others.push(message)
    return isOther
  }

  /** Those that waited for a message, whose handler is through. */
  othersOf(message: Message): Message[] {
    const key = callKey(message)
    const others = key === undefined ? [] : (this.#running.get(key)?.others ?? [])
    if (key !== undefined) this.#running.delete(key)
    return others.filter(({ settled }) => !settled)
  }

  /** Whether the message waited for another one, and does not any more. */
  withdraw(message: Message): boolean {
    for (const { others } of this.#running.values()) {
      const place = others.indexOf(message)
      if (place < 0) continue
      others.splice(place, 1)
      return true
    }
    return false
  }

  /** No handler runs any more. */
  failOthers(error: ActorError): void {
    const others = [...this.#running.values()].flatMap((same) => same.others)
    this.#running.clear()
    for (const message of others) message.fail(error)
  }

  /** The message with a key has an outcome, which is stored with what else it changed. */
  note(message: Message, isOk: boolean, value: unknown): void {
    const key = callKey(message)
    if (key === undefined) return
    const serial = this.#journal.next()
    let outcome: Uint8Array
    try {
      outcome = this.#packer.pack([key, isOk, value])
    } catch {
      // Streams and functions were there once.
      outcome = this.#packer.pack([key])
    }
    const table = this.#tableOf(key)
    table.set(key, { serial, outcome })
    this.#journal.put(nameOfRecord('done', serial), outcome)
    for (const [oldest, { serial: old }] of table) {
      if (table.size <= (table === this.#letters ? LETTERS : this.#most)) break
      table.delete(oldest)
      this.#journal.remove(nameOfRecord('done', old))
    }
  }

  /** Gives a message the outcome that the one with its key had. */
  repeat(message: Message): void {
    const key = callKey(message)!
    const known = this.#tableOf(key).get(key)
    const [, isOk, value] = known ? this.#packer.unpack(known.outcome) : []
    message.started = true
    if (isOk === true) message.done(value)
    else if (isOk === false) message.fail(value)
    else message.fail(new ActorError('unknown', `${message.method}() ran before, and its result was not kept`))
  }

  #tableOf(key: string): Map<string, Known> {
    return key.startsWith(LETTER) ? this.#letters : this.#calls
  }
}

/**
 * The key by which a message is known again, with its method: another method is another call. The steps of a stream have
 * none: they are told apart by their call.
 */
function callKey(message: Message): string | undefined {
  const key = message instanceof Step ? undefined : message.extensions?.[KEY]
  return typeof key === 'string' ? `${key} ${message.method}` : undefined
}
