import { ActorError } from '../ground/errors.js'
import { QUEUE } from '../ground/limits.js'
import { type Inbox, type Mailbox, Queue } from './mailbox.js'
import type { Message } from '../message/message.js'

const POLICIES = ['reject', 'drop-oldest', 'wait'] as const

/**
 * What happens to a message that finds the mailbox full: it fails with `overloaded`, it replaces the oldest one, or it
 * waits.
 */
export type MailboxPolicy = (typeof POLICIES)[number]

/** How the mailbox of an actor behaves. */
export interface MailboxOptions {
  /** Messages that may wait: 1 or more, 131,072 unless given. */
  readonly limit?: number
  /** `reject` unless given. */
  readonly policy?: MailboxPolicy
}

/** A mailbox with a bound of its own, and a say in what happens there. */
export class BoundedMailbox implements Inbox {
  readonly #limit: number
  readonly #policy: MailboxPolicy
  /** Those who wait for room are behind those who have it. */
  readonly #queue: Queue

  constructor({ limit = QUEUE, policy = 'reject' }: MailboxOptions) {
    this.#limit = limit
    this.#policy = policy
    this.#queue = new Queue(policy === 'wait' ? limit + QUEUE : limit)
  }

  get size(): number {
    return Math.min(this.#queue.size, this.#limit)
  }

  put(message: Message): Message | undefined {
    const left = this.#queue.put(message)
    if (!left || this.#policy !== 'drop-oldest') return left
    let oldest = this.#queue.take()
    while (oldest?.settled) oldest = this.#queue.take()
    this.#queue.put(message)
    return oldest
  }

  take(): Message | undefined {
    return this.#queue.take()
  }

  withdrawn(message: Message): void {
    this.#queue.withdrawn(message)
  }
}

/** Whether it is a mailbox, and not what one is to be like. */
export const isMailbox = (mailbox: object): mailbox is Mailbox => typeof (mailbox as Mailbox).take === 'function'

/** Throws `malformed` for what is neither a mailbox nor makes one. */
export function checkMailbox(mailbox: unknown): void {
  if (typeof mailbox !== 'object' || mailbox === null) {
    throw new ActorError(
      'malformed',
      `a mailbox must be { limit, policy } or an object with put, take and size, not ${typeof mailbox}`,
    )
  }
  if (isMailbox(mailbox)) {
    if ('put' in mailbox && 'size' in mailbox) return
    throw new ActorError('malformed', 'a mailbox that has take needs put and size, too')
  }
  const { limit, policy, put }: { limit?: unknown; policy?: unknown; put?: unknown } = mailbox
  if (put !== undefined) throw new ActorError('malformed', 'a mailbox that has put needs take, too')
  if (limit !== undefined && limit !== Infinity && !(Number.isSafeInteger(limit) && (limit as number) >= 1)) {
    throw new ActorError('malformed', 'the limit of a mailbox must be a whole number of 1 or more')
  }
  if (policy !== undefined && !POLICIES.some((each) => each === policy)) {
    throw new ActorError('malformed', `the policy of a mailbox must be one of ${POLICIES.join(', ')}`)
  }
}
