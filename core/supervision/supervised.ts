import type { Address } from '../ground/address.js'
import type { Inbox } from '../mailbox/mailbox.js'
import type { Message, Reach } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import type { HookName } from './hooks.js'
import type { Life } from './life.js'
import type { State } from './state.js'

/** An actor as its supervision sees it: what there is to know of it, and what can be done with it. */
export interface Supervised extends Ref {
  readonly id: string
  readonly name: string | undefined
  readonly kind: string
  readonly parent: Supervised | undefined
  readonly life: Life
  readonly plan: Reach
  readonly state: State
  readonly instance: object
  /** When it came to be, in whole milliseconds of the realm's clock. */
  readonly since: number
  /** Messages that were handled, and those that wait. */
  readonly handled: number
  readonly waiting: number
  readonly isIdle: boolean
  /** Changes state, and says so. */
  enter(state: State): void
  pause(): void
  unpause(): void
  /** Settles all that wait: they never run. */
  refuseAll(why: string): void
  /** Settles all that run: nobody waits for them any more. */
  abandonAll(why: string): void
  /** Another instance takes the place of the one that failed. */
  renew(instance: object): void
  enqueue(message: Message): void
  /** Takes the mailbox that it was given, with what waits already. */
  replaceMailbox(mailbox: Inbox): void
  /** Whether its handler, or its hook, is under way here. */
  handles(message: Message): boolean
  /** Runs a hook, whatever waits. `waiting` is the message whose handler waits for it. Undefined where the class has none. */
  perform(name: HookName, args: readonly unknown[], waiting?: Message): Promise<unknown> | undefined
  /** Runs a hook beside what runs; an error in it goes to the log. */
  aside(name: HookName, ...args: unknown[]): Promise<unknown>
  /** Tells those who listen for what happens in the realm. */
  tell(event: 'started' | 'restarted', error?: unknown): void
  /** It has ended: the realm knows it no more. */
  forgotten(address: Address, reason: unknown): void
}
