import type { Limits } from '../ground/limits.js'
import type { IncomingHome } from './calls/incoming.js'
import type { ReferencesHome } from './references/references.js'

/** What a link needs of its realm. */
export interface LinkHome extends ReferencesHome, IncomingHome {
  readonly limits: { readonly trusted: Limits; readonly untrusted: Limits }
  /** Actors that have work to do now. */
  readonly queue: { pump(): void } | undefined
}
