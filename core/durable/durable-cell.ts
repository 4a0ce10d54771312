import { Cell } from '../actor/cell.js'
import { Hook } from '../actor/hook.js'
import type { Address } from '../ground/address.js'
import { ActorError, asActorError } from '../ground/errors.js'
import { Ask, transmit } from '../message/ask.js'
import { QUEUE } from '../ground/limits.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import { STORE } from '../message/stored.js'
import type { Realm } from '../realm/realm.js'
import type { HookName } from '../supervision/hooks.js'
import type { Origin } from '../supervision/origin.js'
import { restart } from '../supervision/supervisor.js'
import { copy } from '../wire/copy.js'
import { DeadLetters } from './dead-letters.js'
import { Duplicates, callKey } from './duplicates.js'
import { Inbox, StoredMessage } from './inbox.js'
import { Journal, type Owner } from './journal.js'
import { Ledger } from './ledger.js'
import { type Letter, Outbox } from './outbox.js'
import { Packer } from './packer.js'
import type { Durability } from './durable.js'

/** Milliseconds that a replayed message waits for its actor. */
const TTL = 10_000

/**
 * An actor whose state is stored. What a handler did is one step: the new state, the message that is handled, the one-way
 * messages that it sent, and the outcome are stored together. Replies and one-way messages leave after that.
 */
export class DurableCell extends Cell implements Owner {
  readonly letters: DeadLetters
  readonly #continues: boolean
  readonly #packer: Packer
  readonly #journal: Journal
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #duplicates: Duplicates
  /** What handlers that run have sent one way. */
  readonly #sent = new Map<Message, { readonly letter: Letter; readonly record: Uint8Array }[]>()
  /** Messages with a key whose handlers run, and those with the same key that came meanwhile. */
  readonly #same = new Map<string, Message[]>()
  /** Messages that came before it was known what is stored. */
  #early: Message[] = []

  constructor(home: Realm, id: string, instance: object, origin: Origin | undefined, given: Durability) {
    super(home, id, instance, origin)
    const packer = (this.#packer = new Packer(home))
    const { name, store, version, window, unsaved } = given
    const journal = new Journal(Ledger.of(store, home.env), packer, name, version, () => home.env.id(), this)
    this.#journal = journal
    this.#continues = unsaved === 'continue'
    this.letters = new DeadLetters(journal, packer, home.env)
    this.#inbox = new Inbox(journal, packer, (message) => this.#unhandled(message))
    this.#duplicates = new Duplicates(journal, packer, window)
    this.#outbox = new Outbox(journal, packer, this, ({ ref, method, args }, error) => {
      const to = ref.address.path
      this.letters.add({ method, args, to, error })
      home.lost(error, `${method}() to ${to}, sent by ${this.address.path}`)
    })
  }

  override start(waiting?: Message): Promise<void> {
    return this.#start(waiting)
  }

  override perform(name: HookName, args: readonly unknown[], waiting?: Message): Promise<unknown> | undefined {
    if (name === 'onStart') return this.#comeUp(args, waiting)
    if (name === 'onStop') return this.#goDown(args, waiting)
    return super.perform(name, args, waiting)
  }

  override deliver(message: Message): void {
    if (!this.#journal.isValid && !this.hasEnded && this.#early.length < QUEUE) {
      message.holder = this
      return void this.#early.push(message)
    }
    if (this.#duplicates.knows(callKey(message))) return this.#repeat(message)
    if (message.extensions?.[STORE] === undefined) return super.deliver(message)
    if (!this.hasEnded && this.state !== 'stopping') return this.#accept(message)
    message.fail(new ActorError('stopped', `${this.address.path} is stopped; ${message.method}() was not stored`))
  }

  override abandonAll(why: string): void {
    super.abandonAll(why)
    this.#sent.clear()
    const same = [...this.#same.values()].flat()
    this.#same.clear()
    const error = new ActorError('stopped', `${this.address.path} ${why}`, { ran: 'maybe' })
    for (const message of same) message.fail(error)
  }

  override forgotten(address: Address, reason: unknown): void {
    this.#journal.close()
    this.#outbox.stop()
    super.forgotten(address, reason)
    this.#admit()
  }

  sends(message: Message, ref: Ref, by: Message | undefined): boolean {
    if (!message.expectsReply) {
      const { method, args, extensions } = message
      const letter = { ref, method, args, extensions }
      const sent = { letter, record: this.#outbox.seal(letter) }
      // One of a handler that is over is a step of its own.
      if (!by || by instanceof Hook || !this.handles(by)) this.#outbox.add(sent.letter, sent.record)
      else {
        const all = this.#sent.get(by)
        if (all) all.push(sent)
        else this.#sent.set(by, [sent])
      }
      return true
    }
    if (!(message instanceof Ask) || this.#journal.isClean) return false
    const { home } = this
    if (message.deadline !== Infinity) home.deadlines.add(message, home.env.now())
    this.#journal.whenStored({
      stored: () => message.settled || transmit(message, ref, home.env.now()),
      failed: (error) =>
        message.fail(new ActorError('stored-failed', 'what came before it was not stored', { cause: error })),
    })
    return true
  }

  /** Puts a message that failed where it was before: it is handled again. Throws `not-found`. */
  replay(id: number): void {
    const { method, args, to } = this.letters.take(id)
    if (to === undefined) return super.deliver(this.#inbox.accept({ method, args, extensions: undefined }))
    const ref = this.home.refer({ id: to, name: undefined, path: to, kind: 'unknown', realm: '' }, TTL)
    const letter = { ref, method, args, extensions: undefined }
    this.#outbox.add(letter, this.#outbox.seal(letter))
  }

  /** Resolves when all is stored that has happened until now. */
  stored(): Promise<void> {
    return new Promise((resolve, reject) => this.#journal.whenStored({ stored: resolve, failed: reject }))
  }

  fenced(error: ActorError): void {
    this.home.report(error, this.address.path)
    this.life.ending.terminate(error)
  }

  lost(error: ActorError): boolean {
    const { events } = this.home
    events.emit('stored-failed', this.address, error)
    this.home.report(error, this.address.path)
    if (this.#continues) return true
    if (this.state !== 'stopping' && !this.hasEnded) void restart(this.life, error)
    return false
  }

  protected override handle(message: Message): void {
    const key = callKey(message)
    if (this.#duplicates.knows(key)) return this.#repeat(message)
    if (key !== undefined) {
      const same = this.#same.get(key)
      if (same) return void same.push(message)
      this.#same.set(key, [])
    }
    // Another try begins anew.
    this.#sent.delete(message)
    super.handle(message)
  }

  protected override succeed(message: Message, result: unknown): void {
    if (message instanceof Hook) return super.succeed(message, result)
    const value =
      message.caller && typeof result === 'object' && result !== null ? copy(this.home, [result])[0] : result
    this.#finish(message, true, value)
  }

  protected override fail(message: Message, error: unknown): void {
    if (message instanceof Hook) return super.fail(message, error)
    // The instance is replaced by one with the state that it had before.
    if (this.#isRolledBack) this.#sent.delete(message)
    this.#finish(message, false, error)
  }

  /** The step is over: its outcome is told once it is stored. */
  #finish(message: Message, isOk: boolean, outcome: unknown): void {
    const key = callKey(message)
    try {
      if (isOk || !this.#isRolledBack) this.#save()
    } catch (error) {
      const failure = asActorError(error, 'stored-failed', `snapshot() of ${this.address.path} threw`).asRunning()
      message.fail(failure)
      return void this.lost(failure)
    }
    this.#duplicates.note(key, isOk, outcome)
    for (const { letter, record } of this.#sent.get(message) ?? []) this.#outbox.add(letter, record)
    this.#sent.delete(message)
    if (message instanceof StoredMessage) {
      if (isOk) this.#inbox.done(message)
      return isOk ? message.done(outcome) : message.fail(outcome)
    }
    this.#tell(message, () => (isOk ? message.done(outcome) : message.fail(outcome)))
    if (key === undefined) return
    const same = this.#same.get(key)
    this.#same.delete(key)
    for (const other of same ?? []) this.#repeat(other)
  }

  /** Whether the instance is replaced by one with the state that was stored when a handler throws. */
  get #isRolledBack(): boolean {
    return this.knownLife?.recovery.isSupervised ?? false
  }

  /** Settles a message once all is stored that has happened until now. */
  #tell(message: Message, settle: () => void): void {
    this.#journal.whenStored({ stored: settle, failed: (error) => message.fail(error) })
  }

  #repeat(message: Message): void {
    message.started = true
    this.#tell(message, () => this.#duplicates.repeat(message))
  }

  #save(): void {
    const { instance } = this as { readonly instance: { snapshot?(): unknown } }
    this.#journal.save(this.#packer.pack([instance.snapshot!()]))
  }

  async #start(waiting: Message | undefined): Promise<void> {
    try {
      await this.#load()
    } catch (error) {
      if (!this.hasEnded) this.life.ending.terminate(error)
      throw error
    }
    if (this.hasEnded || this.state === 'stopping')
      throw new ActorError('stopped', `${this.address.path} was stopped before it started`)
    await this.life.start(waiting)
  }

  async #load(): Promise<void> {
    const records = await this.#journal.claim()
    this.letters.load(records)
    this.#duplicates.load(records)
    this.#outbox.load(records)
    for (const message of this.#inbox.load(records)) if (!message.settled) super.deliver(message)
    this.#admit()
  }

  async #comeUp(args: readonly unknown[], waiting: Message | undefined): Promise<void> {
    if (!this.#journal.isValid) await this.#load()
    const { state, stateVersion } = this.#journal
    if (state) await super.perform('restore', [this.#packer.unpack(state)[0], stateVersion], waiting)
    await super.perform('onStart', args, waiting)
    this.#save()
  }

  /** What came before it was known what is stored. */
  #admit(): void {
    const early = this.#early
    this.#early = []
    for (const message of early) if (!message.settled) this.deliver(message)
  }

  async #goDown(args: readonly unknown[], waiting: Message | undefined): Promise<void> {
    await super.perform('onStop', args, waiting)
    // What replaces a failed instance begins with what was stored.
    if (this.state === 'stopping') this.#save()
    await this.#journal.settled()
    this.#outbox.stop()
  }

  /** Acknowledges a one-way message once it is stored, or handled and that stored. */
  #accept(message: Message): void {
    const { method } = message
    if (!this.plan.methods.has(method))
      return message.fail(
        new ActorError('not-exposed', `'${method.slice(0, 64)}' is no method that may be called from outside`),
      )
    let stored: StoredMessage
    try {
      stored = this.#inbox.accept(message)
    } catch (error) {
      return message.fail(error)
    }
    super.deliver(stored)
    if (stored.failure) return message.fail(stored.failure.error)
    message.started = true
    this.#duplicates.note(callKey(message), true, undefined)
    this.#tell(message, () => message.done(undefined))
  }

  /** A stored message was not handled: it stays for the next start if the actor has ended, and is a dead letter otherwise. */
  #unhandled(message: StoredMessage): void {
    const { error } = message.failure!
    if (error instanceof ActorError && error.code === 'stopped') return
    this.#inbox.done(message)
    this.letters.add({ method: message.method, args: message.args, to: undefined, error })
    this.home.lost(error, `${message.method}() to ${this.address.path}, which was stored`)
  }
}
