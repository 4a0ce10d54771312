// As single constants, which bundlers put in place of their names.
export * as Op from './ops.js'
export * as Part from './parts.js'

/** The op without its parts. */
export const OP = 31

export const VERSION = 1
