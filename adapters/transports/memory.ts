import { pair, type PairEnd, type PairOptions } from '../../core/adapter.js'

export type { PairEnd, PairOptions }

/** Two ends of one link inside this realm, the reference for every other transport: give one to `connect`, one to `listen`. */
export const memory = (options: PairOptions = {}): readonly [PairEnd, PairEnd] => pair(options)
