import { ActorError } from '../../core/adapter.js'
import { given } from '../base/given.js'

/** What keys of Redis begin with, `troupe` unless given. Throws `malformed`. `name` is the function that was called. */
export function checkPrefix(name: string, prefix: unknown = 'troupe'): string {
  if (typeof prefix === 'string') return prefix
  throw new ActorError('malformed', `the prefix of ${name} must be a text, not ${given(prefix)}`)
}
