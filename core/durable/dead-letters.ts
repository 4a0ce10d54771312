import { ActorError } from '../ground/errors.js'
import type { Env } from '../ground/env.js'
import { textOf } from '../ground/text.js'
import { today } from '../ground/today.js'
import type { Journal } from './journal.js'
import type { Packer } from './packer.js'
import { nameOfRecord, serialOf } from './record-name.js'

/** A message that was stored, and that failed as often as it was tried. It is kept until it is replayed or discarded. */
export interface StoredLetter {
  /** Unique among the dead letters of its actor. */
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
  /** The path of the actor that it was for; undefined if that is the actor that keeps it. */
  readonly to: string | undefined
  /** What it failed with last. */
  readonly error: unknown
  /** When it failed, in ms since 1970. */
  readonly at: number
}

/** So many are kept. */
const MOST = 10_000

/** Dead letters of one actor, in the store. */
export class DeadLetters {
  readonly #journal: Journal
  readonly #packer: Packer
  readonly #env: Env
  readonly #all = new Map<number, StoredLetter>()

  constructor(journal: Journal, packer: Packer, env: Env) {
    this.#journal = journal
    this.#packer = packer
    this.#env = env
  }

  /** All, the oldest first. */
  get all(): StoredLetter[] {
    return [...this.#all.values()]
  }

  load(records: ReadonlyMap<string, Uint8Array>): void {
    this.#all.clear()
    for (const [key, record] of records) {
      if (!key.startsWith('dead/')) continue
      const [method, args, to, error, at] = this.#packer.unpack(record)
      this.#all.set(serialOf(key), { id: serialOf(key), method, args, to, error, at } as StoredLetter)
    }
  }

  add({ method, args, to, error }: Omit<StoredLetter, 'id' | 'at'>): void {
    const id = this.#journal.next()
    const at = today(this.#env)
    const letter = { id, method, args, to, error, at }
    let record: Uint8Array
    try {
      record = this.#packer.pack([method, args, to, error, at])
    } catch {
      record = this.#packer.pack([method, args, to, new Error(textOf(error)), at])
    }
    this.#all.set(id, letter)
    for (const oldest of this.#all.keys()) {
      if (this.#all.size <= MOST) break
      this.take(oldest)
    }
    this.#journal.put(nameOfRecord('dead', id), record)
  }

  /** Takes one out. Throws `not-found`. */
  take(id: number): StoredLetter {
    const letter = this.#all.get(id)
    if (!letter) throw new ActorError('not-found', `there is no dead letter ${id}`)
    this.#all.delete(id)
    this.#journal.remove(nameOfRecord('dead', id))
    return letter
  }
}
