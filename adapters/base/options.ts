import { ActorError } from '../../core/adapter.js'
import { given } from './given.js'

/** Throws `malformed` for what is no object, and for a name that is spelt wrong. `name` is what takes the options. */
export function checkOptions(name: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new ActorError('malformed', `the options of ${name} must be an object, not ${given(options)}`)
  const odd = Object.keys(options).find((key) => !known.includes(key))
  if (odd !== undefined)
    throw new ActorError('malformed', `${name} has no option '${odd.slice(0, 64)}'; there are ${known.join(', ')}`)
}
