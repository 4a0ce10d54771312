// The room routing: which of several takes the next call.
import { ActorError } from '../ground/errors.js'

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
export function hash(keyOf: (method: string, ...args: never[]) => unknown): Router {
  if (typeof keyOf !== 'function')
    throw new ActorError('malformed', 'hash takes a function that returns the key of a call')
  return ({ method, args }, candidates) => {
    const key = keyOf(method, ...(args as never[]))
    if (!['string', 'number', 'bigint', 'boolean'].includes(typeof key))
      throw new ActorError('malformed', `the key of ${method}() is ${key === null ? 'null' : `of type ${typeof key}`}`)
    const scores = candidates.map(({ id }) => scoreOf(`${id} ${String(key)}`))
    return scores.indexOf(Math.max(...scores))
  }
}

/** Highest random weight: each candidate has its own number for each key. FNV-1a, with the last step of MurmurHash3. */
function scoreOf(text: string): number {
  let bits = 0x811c9dc5
  for (let index = 0; index < text.length; index++) bits = Math.imul(bits ^ text.charCodeAt(index), 0x01000193)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
