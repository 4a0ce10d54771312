import { ActorError } from '../../core/adapter.js'
import { given } from '../base/given.js'

/** Milliseconds of a lease unless stated, and the shortest. */
const LEASE = 10_000
const SHORTEST = 100

/** A whole number of milliseconds. Throws `malformed` for what is none of at least 100. */
export function checkLease(lease: unknown = LEASE): number {
  if (typeof lease === 'number' && lease >= SHORTEST && lease < 2 ** 31) return Math.ceil(lease)
  const text = typeof lease === 'number' ? String(lease) : given(lease)
  throw new ActorError('malformed', `'lease' must be a number of milliseconds, at least ${SHORTEST}, not ${text}`)
}
