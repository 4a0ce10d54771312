import { Cell } from '../actor/cell.js'
import { Hook } from '../actor/hook.js'
import type { Address } from '../ground/address.js'
import { ActorError, asActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import { STORE } from '../message/stored.js'
import type { Realm } from '../realm/realm.js'
import type { HookName } from '../supervision/hooks.js'
import type { Origin } from '../supervision/origin.js'
import { restart } from '../supervision/supervisor.js'
import { Work } from '../supervision/work.js'
import { copy } from '../wire/copy.js'
import { Duplicates } from './duplicates.js'
import type { Durability } from './durable.js'
import { StoredMessage } from './inbox.js'
import { Journal, type Owner } from './journal.js'
import { Ledger } from './ledger.js'
import { type Addressee, Mail } from './mail.js'
import { Outbox } from './outbox.js'
import { Packer } from './packer.js'
import { patiently } from './patience.js'
import { Sending } from './sending.js'
import { unsavable } from './unsavable.js'

/**
 * An actor whose state is stored. What a handler did is one step: the new state, the message that is handled, the one-way
 * messages that it sent, and the outcome are stored together. Replies and one-way messages leave after that.
 */
export class DurableCell extends Cell implements Owner, Addressee {
  readonly mail: Mail
  readonly #continues: boolean
  readonly #packer: Packer
  readonly #journal: Journal
  readonly #outbox: Outbox
  readonly #duplicates: Duplicates
  readonly #sending: Sending
  /** Its state is that of a handler that threw, and gives way to the one that is stored. */
  #isSpoilt = false

  constructor(home: Realm, id: string, instance: object, origin: Origin | undefined, given: Durability) {
    super(home, id, instance, origin)
    const packer = (this.#packer = new Packer(home))
    const { name, store, version, window, unsaved } = given
    const journal = new Journal(Ledger.of(store, home.env), packer, name, version, () => home.env.id(), this)
    this.#journal = journal
    this.#continues = unsaved === 'continue'
    this.mail = new Mail(journal, packer, this)
    this.#duplicates = new Duplicates(journal, packer, window)
    this.#outbox = new Outbox(journal, packer, this, ({ ref, method, args }, error) => {
      const to = ref.address.path
      this.mail.letters.add({ method, args, to, error })
      home.lost(error, `${method}() to ${to}, sent by ${this.address.path}`)
    })
    this.#sending = new Sending(this, journal, this.#outbox)
  }

  get isOver(): boolean {
    return this.hasEnded || this.state === 'stopping'
  }

  override async start(waiting?: Message): Promise<void> {
    const { life } = this
    try {
      await life.ending.bound('onStart', this.#load())
    } catch (error) {
      if (!this.hasEnded) life.ending.terminate(error)
      throw error
    }
    if (this.isOver) throw new ActorError('stopped', `${this.address.path} was stopped before it started`)
    await life.start(waiting)
  }

  override perform(name: HookName, args: readonly unknown[], waiting?: Message): Promise<unknown> | undefined {
    if (name === 'onStart') return this.#comeUp(args, waiting)
    if (name === 'onStop') return this.#goDown(args, waiting)
    return super.perform(name, args, waiting)
  }

  override deliver(message: Message): void {
    if (!this.hasEnded && (!this.#journal.isValid || this.mail.isBehind)) {
      message.holder = this
      return this.mail.hold(message)
    }
    if (this.#duplicates.knows(message)) return this.#repeat(message)
    if (message.extensions?.[STORE] === undefined) return super.deliver(message)
    if (!this.isOver) return this.#accept(message)
    message.fail(new ActorError('stopped', `${this.address.path} is stopped; ${message.method}() was not stored`))
  }

  post(message: Message): void {
    super.deliver(message)
  }

  override withdraw(message: Message): boolean {
    const isHeld = !message.started && (this.mail.withdraw(message) || this.#duplicates.withdraw(message))
    return isHeld || super.withdraw(message)
  }

  override abandonAll(why: string): void {
    this.#sending.abandon()
    super.abandonAll(why)
    this.#duplicates.failOthers(new ActorError('stopped', `${this.address.path} ${why}`, { ran: 'maybe' }))
  }

  override unpause(): void {
    super.unpause()
    if (this.state !== 'running') return
    if (this.#journal.isValid) this.mail.next()
    else this.#revive(this.#journal.fault)
  }

  override forgotten(address: Address, reason: unknown): void {
    const text = `${address.path} ended before what it did was stored`
    void this.#journal.close(new ActorError('stopped', text, { ran: 'maybe' }))
    this.#sending.stop()
    super.forgotten(address, reason)
    this.mail.release()
  }

  sends(message: Message, ref: Ref, by: Message | undefined): boolean {
    return this.#sending.takes(message, ref, by)
  }

  /** Puts a message that failed where it was before: it is handled again. Throws `not-found` or `stopped`. */
  replay(id: number): void {
    const { method, args, to } = this.mail.take(id)
    if (to === undefined) this.mail.accept({ method, args, extensions: undefined })
    else this.#outbox.send(to, method, args)
  }

  /** Resolves when all is stored that has happened until now. */
  stored(): Promise<void> {
    return new Promise((stored, failed) => this.#journal.whenStored({ isStrict: true, stored, failed }))
  }

  /** Ends if another realm has started the actor. Nothing is answered before that is known. */
  confirm(): void {
    this.#journal.confirm()
  }

  fenced(error: ActorError): void {
    this.home.mention({ level: 'warn', text: `[troupe] ${this.address.path} ended here: it runs elsewhere now`, error })
    this.life.ending.terminate(error)
  }

  lost(error: ActorError): boolean {
    this.home.events.emit('stored-failed', this.address, error)
    this.home.mention({ level: 'error', text: `[troupe] ${this.address.path} was not stored`, error })
    if (!this.#continues) this.#revive(error)
    return this.#continues
  }

  broke(error: unknown): void {
    this.home.report(error, this.address.path)
  }

  protected override refuses(): boolean {
    return false
  }

  protected override handle(message: Message): void {
    if (this.#duplicates.knows(message)) return this.#repeat(message)
    if (this.#duplicates.waits(message)) return
    // Another try begins anew.
    this.#sending.begin(message)
    super.handle(message)
  }

  protected override succeed(message: Message, result: unknown): void {
    if (message instanceof Hook) {
      this.#sending.end(message, false)
      return super.succeed(message, result)
    }
    let value = result
    try {
      // It leaves later, and may be changed by then.
      if (message.caller && typeof result === 'object' && result !== null) value = copy(this.home, [result])[0]
    } catch (error) {
      return this.#finish(message, false, asActorError(error, 'uncloneable', 'the result cannot be sent').asRunning())
    }
    this.#finish(message, true, value)
  }

  protected override fail(message: Message, error: unknown): void {
    if (message instanceof Hook) {
      this.#sending.end(message, false)
      return super.fail(message, error)
    }
    this.#finish(message, false, error, !this.#isRolledBack(message, error))
  }

  /** The step is over: its outcome is told once it is stored. Where it is not kept, only the outcome is. */
  #finish(message: Message, isOk: boolean, outcome: unknown, isKept = true): void {
    // One that was refused has not run.
    const isOver = message.started || !message.settled
    if (isOver && isKept) {
      try {
        this.#save()
      } catch (error) {
        return this.#unsaved(message, error)
      }
    } else if (isOver) this.#isSpoilt = true
    this.#sending.end(message, isKept)
    // What the caller gave up is not the answer to the next one who asks.
    const isAnswer = isOver && (isOk || !message.gaveUp)
    if (isAnswer) this.#duplicates.note(message, isOk, outcome)
    if (message instanceof StoredMessage) this.mail.handled(message, isOk, outcome)
    else this.#tell(message, () => (isOk ? message.done(outcome) : message.fail(outcome)))
    for (const other of this.#duplicates.othersOf(message)) {
      if (isAnswer) this.#repeat(other)
      else this.enqueue(other)
    }
  }

  /** Its state cannot be stored: it goes back to the one that is. */
  #unsaved(message: Message, error: unknown): void {
    const failure = unsavable(this.address.path, error)
    if (message instanceof StoredMessage) this.mail.handled(message, false, failure)
    message.fail(failure)
    this.#sending.end(message, false)
    for (const other of this.#duplicates.othersOf(message)) other.fail(failure)
    this.#isSpoilt = true
    this.lost(failure)
  }

  /** Whether the instance gives way to one with the state that was stored: where a handler that throws restarts the actor. */
  #isRolledBack(message: Message, error: unknown): boolean {
    if (message instanceof Work) return true
    const { restart: wanted, decide } = this.life.options
    const isGivenUp = message.gaveUp && error === message.signal.reason
    return wanted !== undefined && decide === undefined && !isGivenUp
  }

  /** Settles a message once all is stored that has happened until now. */
  #tell(message: Message, settle: () => void, isStrict = false): void {
    this.#journal.whenStored({ isStrict, stored: settle, failed: (error) => message.fail(error) })
  }

  #repeat(message: Message): void {
    message.started = true
    this.#tell(message, () => this.#duplicates.repeat(message))
  }

  #save(): void {
    const { instance } = this as { readonly instance: { snapshot?(): unknown } }
    this.#journal.save(this.#packer.pack([instance.snapshot!()]))
  }

  async #load(): Promise<void> {
    const records = await this.#journal.claim()
    this.#duplicates.load(records)
    this.#outbox.load(records)
    this.mail.load(records)
  }

  #revive(error: ActorError | undefined): void {
    if (this.life.recovery.isSettled) void restart(this.life, error)
  }

  async #comeUp(args: readonly unknown[], waiting: Message | undefined): Promise<void> {
    const journal = this.#journal
    if (!journal.isValid) await patiently(this, async () => this.#load())
    this.#isSpoilt = false
    const { state, stateVersion } = journal
    if (state) await super.perform('restore', [this.#packer.unpack(state)[0], stateVersion], waiting)
    await super.perform('onStart', args, waiting)
    if (!journal.isValid && journal.fault) throw journal.fault
    this.#save()
    this.mail.renew()
  }

  async #goDown(args: readonly unknown[], waiting: Message | undefined): Promise<void> {
    try {
      await super.perform('onStop', args, waiting)
    } finally {
      // What replaces a failed instance begins with what was stored.
      if (this.state === 'stopping' && !this.#isSpoilt) this.#save()
      await this.#journal.settled()
    }
  }

  /** Acknowledges a one-way message once it is stored, or handled and that stored. */
  #accept(message: Message): void {
    const { method } = message
    if (!this.plan.methods.has(method)) {
      const text = `'${method.slice(0, 64)}' is no method that may be called from outside`
      return message.fail(new ActorError('not-exposed', text))
    }
    const refused = this.mail.accept(message)
    if (refused) return message.fail(refused.error)
    message.started = true
    this.#duplicates.note(message, true, undefined)
    this.#tell(message, () => message.done(undefined), true)
  }
}
