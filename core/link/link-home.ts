import type { Limits } from '../ground/limits.js'
import type { IncomingHome } from './calls/incoming-calls.js'
import type { Link } from './link.js'
import type { ReferencesHome } from './references/references.js'

/** What a link needs of its realm. */
export interface LinkHome extends ReferencesHome, IncomingHome {
  readonly closed: boolean
  readonly limits: { readonly trusted: Limits; readonly untrusted: Limits }
  /** Actors that have work to do now. */
  readonly queue: { readonly isIdle: boolean; pump(): void } | undefined
  readonly directory: ReferencesHome['directory'] & {
    /** Hears the names that a trusted peer announces. */
    hear(link: Link, news: unknown): void
  }
}

/** Whose links they are. */
export interface LinkOwner {
  readonly realm: LinkHome
  /** Both sides have consented. Called before anything else of the peer is read. */
  opened(link: Link): void
  /** Its connection broke, or there is one again. */
  changed(link: Link): void
}
