import type { Store } from 'troupe/durable'
import { indexedDb } from 'troupe/indexeddb'

/** Where the board is kept: a database of this origin. */
export const store = (): Store => indexedDb('troupe-together')
