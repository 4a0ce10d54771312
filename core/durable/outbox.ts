import { ActorError } from '../ground/errors.js'
import { type Extensions, Message, type Receiver } from '../message/message.js'
import { KEY } from '../message/stored.js'
import { borrow, requireRef } from '../proxy/proxy.js'
import type { Ref } from '../message/ref.js'
import type { Realm } from '../realm/realm.js'
import { LETTER } from './duplicates.js'
import type { Journal } from './journal.js'
import type { Packer } from './packer.js'
import { nameOfRecord, serialOf } from './record-name.js'

/** Milliseconds for which a message is sent again, before it is a dead letter. */
const PATIENCE = 120_000
/** Milliseconds between two attempts, at first and at most. */
const FIRST = 50
const LONGEST = 5_000

/** Failures of messages that did not run and may do so later. */
const LATER = new Set(['unreachable', 'overloaded', 'expired', 'stopped', 'timeout', 'stored-failed'])
/** Failures of messages that may have run: their actor knows them again if it is durable. */
const AGAIN = new Set(['unknown', 'stored-failed'])

const isPassing = (error: unknown): boolean =>
  error instanceof ActorError && (error.ran === 'no' ? LATER : AGAIN).has(error.code)

/** A one-way message of a durable actor, sent once the step is stored that it is part of. */
class Outgoing extends Message {
  readonly #settled: (failure: { readonly error: unknown } | undefined) => void

  constructor(
    { method, args }: Letter,
    sender: Receiver,
    extensions: Extensions,
    settled: (failure: { readonly error: unknown } | undefined) => void,
  ) {
    super(method, args, sender, Infinity, extensions)
    this.signed = true
    this.#settled = settled
  }

  // It is sent again.
  override get isLostWhenLate(): boolean {
    return false
  }

  protected resolve(): void {
    this.#settled(undefined)
  }

  protected reject(error: unknown): void {
    this.#settled({ error })
  }
}

/** What is sent to whom. */
export interface Letter {
  readonly ref: Ref
  readonly method: string
  readonly args: readonly unknown[]
  readonly extensions: Extensions | undefined
}

/** A letter that waits for its turn, or for its outcome. */
interface Posted {
  readonly serial: number
  readonly letter: Letter
  /** When it may be given up, in milliseconds of the realm's clock. */
  readonly until: number
  tries: number
}

/**
 * One-way messages that an actor sent and that nobody has acknowledged yet. Those to one actor leave one after the other, so
 * that they keep their order also where one is sent again.
 */
export class Outbox {
  readonly #journal: Journal
  readonly #packer: Packer
  readonly #actor: Ref
  readonly #dead: (letter: Letter, error: unknown) => void
  readonly #timers = new Set<unknown>()
  /** By the key of their actor: the first one is under way. */
  readonly #lines = new Map<string, Posted[]>()
  #isOver = false

  /** `dead` hears of those that nobody takes. */
  constructor(journal: Journal, packer: Packer, actor: Ref, dead: (letter: Letter, error: unknown) => void) {
    this.#journal = journal
    this.#packer = packer
    this.#actor = actor
    this.#dead = dead
  }

  /** Those of an earlier run are sent again. */
  load(records: ReadonlyMap<string, Uint8Array>): void {
    // After a failure of the store, what was sent before may be under way.
    const known = new Set([...this.#lines.values()].flat().map(({ serial }) => serial))
    for (const [key, record] of records) {
      if (!key.startsWith('out/') || known.has(serialOf(key))) continue
      const [proxy, method, args, extensions] = this.#packer.unpack(record)
      this.#post(serialOf(key), { ref: requireRef(proxy), method, args, extensions } as Letter)
    }
  }

  /** A message as it is to be sent. Throws `uncloneable` where it cannot be stored. */
  seal({ ref, method, args, extensions }: Letter): Uint8Array {
    return this.#packer.pack([borrow(ref), method, args, extensions])
  }

  /** Sends a message once all is stored that was given to the journal until now. */
  add(letter: Letter, record: Uint8Array): void {
    const serial = this.#journal.next()
    this.#journal.put(nameOfRecord('out', serial), record)
    // What was written is read again: the values may have changed meanwhile.
    const [, , args] = this.#packer.unpack(record)
    const sealed = { ...letter, args: args as readonly unknown[] }
    this.#journal.whenStored({ stored: () => this.#post(serial, sealed), failed: () => {} })
  }

  /** Sends a message to the actor of that path. Throws `uncloneable`. */
  send(to: string, method: string, args: readonly unknown[]): void {
    const realm = this.#actor.home as Realm
    const ref = realm.refer({ id: to, name: undefined, path: to, kind: 'unknown', realm: '' }, LONGEST)
    const letter = { ref, method, args, extensions: undefined }
    this.add(letter, this.seal(letter))
  }

  /** Nothing is sent any more: it is there at the next start. */
  stop(): void {
    this.#isOver = true
    for (const timer of this.#timers) this.#actor.home.env.clearTimer(timer)
    this.#timers.clear()
  }

  #post(serial: number, letter: Letter): void {
    const posted = { serial, letter, until: this.#actor.home.env.now() + PATIENCE, tries: 0 }
    const { key } = letter.ref.actual
    const line = this.#lines.get(key)
    if (line) return void line.push(posted)
    this.#lines.set(key, [posted])
    this.#send(key, posted)
  }

  #send(line: string, posted: Posted): void {
    const { serial, letter, until } = posted
    const { env } = this.#actor.home
    const extensions = { ...letter.extensions, [KEY]: `${LETTER}${this.#journal.origin}/${serial}` }
    const message = new Outgoing(letter, this.#actor, extensions, (failure) => {
      if (this.#isOver) return
      if (failure && isPassing(failure.error) && env.now() < until) return this.#later(line, posted)
      this.#journal.remove(nameOfRecord('out', serial))
      if (failure) this.#dead(letter, failure.error)
      this.#next(line)
    })
    this.#targetOf(posted).deliver(message)
  }

  /** One with a name may have been made anew meanwhile. */
  #targetOf({ letter: { ref }, tries }: Posted): Ref {
    const { address } = ref.actual
    return tries > 0 && address.name !== undefined ? (this.#actor.home as Realm).refer(address, LONGEST) : ref
  }

  #next(key: string): void {
    const line = this.#lines.get(key)!
    line.shift()
    if (line.length === 0) this.#lines.delete(key)
    else this.#send(key, line[0]!)
  }

  #later(line: string, posted: Posted): void {
    const { env } = this.#actor.home
    const wait = Math.min(LONGEST, FIRST * 2 ** ++posted.tries)
    const timer = env.setTimer(
      () => {
        this.#timers.delete(timer)
        this.#send(line, posted)
      },
      wait,
      true,
    )
    this.#timers.add(timer)
  }
}
