import { Step } from '../actor/stream.js'
import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import { KEY } from '../message/stored.js'
import type { Journal } from './journal.js'
import type { Packer } from './packer.js'
import { nameOfRecord, serialOf } from './record-name.js'

/** The outcome of a message; no value where that could not be stored. */
type Outcome = readonly [isOk: boolean, value?: unknown]

/** What came of the last messages that had a key: one that comes again gets the same answer, and does not run. */
export class Duplicates {
  readonly #journal: Journal
  readonly #packer: Packer
  readonly #most: number
  readonly #known = new Map<string, { readonly serial: number; readonly outcome: Outcome }>()

  /** `most` are remembered. */
  constructor(journal: Journal, packer: Packer, most: number) {
    this.#journal = journal
    this.#packer = packer
    this.#most = most
  }

  load(records: ReadonlyMap<string, Uint8Array>): void {
    this.#known.clear()
    for (const [key, record] of records) {
      if (!key.startsWith('done/')) continue
      const [name, ...outcome] = this.#packer.unpack(record)
      this.#known.set(name as string, { serial: serialOf(key), outcome: outcome as unknown as Outcome })
    }
  }

  /** Whether there is an outcome of a message with that key. */
  knows(key: string | undefined): boolean {
    return key !== undefined && this.#known.has(key)
  }

  /** The message with a key has an outcome, which is stored with what else it changed. */
  note(key: string | undefined, ...[isOk, value]: Outcome): void {
    if (key === undefined) return
    const serial = this.#journal.next()
    let record: Uint8Array
    let outcome: Outcome = [isOk, value]
    try {
      record = this.#packer.pack([key, ...outcome])
    } catch {
      // Streams and functions were there once.
      outcome = [false]
      record = this.#packer.pack([key, ...outcome])
    }
    this.#known.set(key, { serial, outcome })
    this.#journal.put(nameOfRecord('done', serial), record)
    for (const [oldest, { serial: old }] of this.#known) {
      if (this.#known.size <= this.#most) break
      this.#known.delete(oldest)
      this.#journal.remove(nameOfRecord('done', old))
    }
  }

  /** Gives a message the outcome that the one with its key had. */
  repeat(message: Message): void {
    const [isOk, ...value] = this.#known.get(callKey(message)!)?.outcome ?? [false]
    message.started = true
    if (isOk) message.done(value[0])
    else if (value.length > 0) message.fail(value[0])
    else message.fail(new ActorError('unknown', `${message.method}() ran before, and its result was not kept`))
  }
}

/** The key by which a message is known again. The steps of a stream have none: they are told apart by their call. */
export function callKey(message: Message): string | undefined {
  const key = message instanceof Step ? undefined : message.extensions?.[KEY]
  return typeof key === 'string' ? key : undefined
}
