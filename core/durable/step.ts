import type { ActorError } from '../ground/errors.js'

/** What hears whether something was stored. */
export interface Waiter {
  /** Whether it hears the truth, also where the actor goes on without its store. */
  readonly isStrict?: boolean
  stored(): void
  failed(error: ActorError): void
}

/** What becomes durable together. */
export class Step {
  readonly changes = new Map<string, Uint8Array | undefined>()
  readonly waiters: Waiter[] = []
  /** Records that no earlier step has. */
  readonly fresh = new Set<string>()
}
