import { checkCount } from '../../ground/check-count.js'
import { ActorError } from '../../ground/errors.js'
import type { Oracle } from './oracle.js'

/**
 * What goes wrong: a direction of a connection is slow (`delay`); a connection ends and both ends are told (`cut`), or only
 * one (`half-close`), or neither and nothing arrives any more, at one end or at both (`freeze`); an address takes no connections for a while
 * (`refuse`); a dispatcher stands still for a while (`sleep`). A packet of a bus is lost (`drop`), comes twice
 * (`double`), or after the next one (`reorder`).
 */
export type Trouble = 'delay' | 'cut' | 'half-close' | 'freeze' | 'refuse' | 'sleep' | 'drop' | 'double' | 'reorder'

/** The options of `world.trouble`. */
export interface TroubleOptions {
  /** What may go wrong. `delay`, `cut`, `half-close`, `freeze`, `refuse` and `sleep` unless given. */
  readonly kinds?: readonly Trouble[]
  /** How often in one run at most. 4 unless given. */
  readonly most?: number
  /** How many things happen for each that goes wrong, on average. 16 unless given. */
  readonly every?: number
}

const KINDS: readonly Trouble[] = ['delay', 'cut', 'half-close', 'freeze', 'refuse', 'sleep']

const ALL = new Set<Trouble>([...KINDS, 'drop', 'double', 'reorder'])

/** Decides when something goes wrong, and what. */
export class Troubles {
  readonly #oracle: Oracle
  readonly #cause: (trouble: Trouble) => void
  readonly #kinds: readonly Trouble[]
  readonly #every: number
  #left: number

  constructor(
    oracle: Oracle,
    { kinds = KINDS, most = 4, every = 16 }: TroubleOptions,
    cause: (trouble: Trouble) => void,
  ) {
    checkCount('most', most)
    checkCount('every', every, 1)
    if (!Array.isArray(kinds) || !kinds.every((kind) => ALL.has(kind as Trouble)))
      throw new ActorError('malformed', `'kinds' must be a list of ${[...ALL].join(', ')}`)
    this.#oracle = oracle
    this.#kinds = kinds
    this.#left = most
    this.#every = every
    this.#cause = cause
  }

  /** Something is about to happen. */
  strike(): void {
    if (this.#left === 0 || this.#kinds.length === 0) return
    // The last possibility is the bad one: 0 is that nothing goes wrong.
    if (this.#oracle.choose(this.#every, 'trouble') < this.#every - 1) return
    this.#left--
    this.#cause(this.#kinds[this.#oracle.choose(this.#kinds.length, 'kind of trouble')]!)
  }
}
