import type { StoreCase } from './case.js'
import { commits } from './commits.js'
import { contents } from './contents.js'
import { sharing } from './sharing.js'

/** What every store must do. */
export const storeCases: readonly StoreCase[] = [...commits, ...contents, ...sharing]
