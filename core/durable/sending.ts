import { Hook } from '../actor/hook.js'
import { ActorError } from '../ground/errors.js'
import { Ask, transmit } from '../message/ask.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import type { Journal } from './journal.js'
import type { Letter, Outbox } from './outbox.js'

/** What a handler sent one way. */
interface Sent {
  readonly letter: Letter
  readonly record: Uint8Array
}

/** Holds back what an actor sends: one-way messages until the step of their handler is stored, calls until those before are. */
export class Sending {
  readonly #actor: Ref
  readonly #journal: Journal
  readonly #outbox: Outbox
  /** Messages whose handlers are under way, steps of generators among them, and what they sent. */
  readonly #running = new Map<Message, Sent[]>()
  /** Those of an instance that is gone: what they still send is of nobody. */
  readonly #gone = new WeakSet<Message>()
  #isOver = false

  constructor(actor: Ref, journal: Journal, outbox: Outbox) {
    this.#actor = actor
    this.#journal = journal
    this.#outbox = outbox
  }

  /** The handler of a message begins, or is tried again. */
  begin(message: Message): void {
    this.#running.set(message, [])
  }

  /** The handler is through. What it sent is stored, and then leaves, if it is kept. */
  end(message: Message, isKept: boolean): void {
    const sent = this.#running.get(message)
    this.#running.delete(message)
    if (isKept) for (const { letter, record } of sent ?? []) this.#outbox.add(letter, record)
  }

  /** The instance is gone whose handlers are under way. */
  abandon(): void {
    for (const message of this.#running.keys()) this.#gone.add(message)
    this.#running.clear()
  }

  /** The actor has ended: nothing is sent any more. */
  stop(): void {
    this.#isOver = true
    this.#outbox.stop()
  }

  /** Whether it sees to a message, which the handler of `by` sends. */
  takes(message: Message, ref: Ref, by: Message | undefined): boolean {
    if (this.#isOver || (by && this.#gone.has(by))) {
      const text = `${this.#actor.address.path} was restarted or has ended: this instance of it is gone`
      message.fail(new ActorError('stopped', text))
      return true
    }
    if (!message.expectsReply) {
      const { method, args, extensions } = message
      const letter = { ref, method, args, extensions }
      const record = this.#outbox.seal(letter)
      const sent = by && !(by instanceof Hook) ? this.#running.get(by) : undefined
      // One of a handler that is over is a step of its own.
      if (sent) sent.push({ letter, record })
      else this.#outbox.add(letter, record)
      return true
    }
    if (!(message instanceof Ask) || this.#journal.isClean) return false
    const { home } = this.#actor
    if (message.deadline !== Infinity) home.deadlines.add(message, home.env.now())
    this.#journal.whenStored({
      stored: () => message.settled || transmit(message, ref, home.env.now()),
      failed: (cause) => message.fail(new ActorError('stored-failed', 'what came before it was not stored', { cause })),
    })
    return true
  }
}
