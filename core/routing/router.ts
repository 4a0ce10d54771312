// The room routing: calls that go to one of several, and which one takes the next.
import { ActorError } from '../ground/errors.js'
import { unawaited } from '../ground/unawaited.js'

/** One that may take a call. */
export interface Candidate {
  /** Stays the same for as long as it is there. */
  readonly id: string
  /** Calls that it was given by this router and that have no outcome. */
  readonly running: number
}

/** A call that is to be given to one of several. */
export interface RoutedCall {
  readonly method: string
  readonly args: readonly unknown[]
}

/**
 * Chooses who takes a call: returns the index of one of the candidates, of which there is at least one. What it throws is the
 * call's error. `random` gives numbers as `Math.random` does.
 */
export type Router = (call: RoutedCall, candidates: readonly Candidate[], random: () => number) => number

/** Gives each call to the candidate that has the fewest running; of equal ones to the one that has waited longest. */
export function leastBusy(): Router {
  let last = -1
  return (_, candidates) => {
    let best = -1
    for (let step = 1; step <= candidates.length; step++) {
      const index = (last + step) % candidates.length
      if (best < 0 || candidates[index]!.running < candidates[best]!.running) best = index
    }
    return (last = best)
  }
}

/** Gives the calls to one candidate after the other. */
export function roundRobin(): Router {
  let last = -1
  return (_, { length }) => (last = (last + 1) % length)
}

/** Gives each call to any candidate, all equally likely. */
export const random = (): Router => (_, candidates, next) => Math.floor(next() * candidates.length)

/**
 * Gives calls with the same key to the same candidate. Where one candidate is added to n, about 1 of n + 1 keys moves to it,
 * and no other key moves.
 *
 * Takes a function of the method's name and its arguments that returns the key: a string, a number, a bigint or a boolean.
 * With any other key the call rejects with `malformed`.
 *
 * ```ts
 * const byUser = hash((method, userId) => String(userId))
 * ```
 */
export function hash(keyOf: (method: string, ...args: never[]) => string | number | bigint | boolean): Router {
  if (typeof keyOf !== 'function')
    throw new ActorError('malformed', 'hash takes a function that returns the key of a call')
  return ({ method, args }, candidates) => {
    const key: unknown = keyOf(method, ...(args as never[]))
    if (!KEYS.includes(typeof key)) {
      // A function that is async by mistake may fail later.
      unawaited(key, () => {})
      const type = key === null ? 'null' : typeof key
      throw new ActorError('malformed', `the key of ${method}() must be one of ${KEYS.join(', ')}, not ${type}`)
    }
    let best = 0
    let highest = -1
    for (const [index, { id }] of candidates.entries()) {
      const score = scoreOf(`${id} ${String(key)}`)
      if (score <= highest) continue
      highest = score
      best = index
    }
    return best
  }
}

const KEYS = ['string', 'number', 'bigint', 'boolean']

/** Highest random weight: each candidate has its own number for each key. FNV-1a, with the last step of MurmurHash3. */
function scoreOf(text: string): number {
  let bits = 0x811c9dc5
  for (let index = 0; index < text.length; index++) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
