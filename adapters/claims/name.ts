import { ActorError } from '../../core/adapter.js'
import { given } from '../base/given.js'

/** Bytes of a name in UTF-8, as of the names of actors. */
const MOST = 255

/** Throws `malformed` for what can be no name of `what`. */
export function checkName(name: unknown, what: string): void {
  const isName = typeof name === 'string' && name !== ''
  if (isName && new TextEncoder().encode(name).length <= MOST) return
  throw new ActorError(
    'malformed',
    `the name of ${what} is a text of 1 to ${MOST} bytes, not ${isName ? 'a longer one' : given(name)}`,
  )
}
