import { ActorError } from '../ground/errors.js'
import type { Encoder } from './encode.js'

/** Sends values of some kinds as something else. */
export interface Handling {
  /** What writes something else instead of the value; undefined for all that is copied as it is. */
  find(value: object): ((encoder: Encoder) => void) | undefined
  /** The value again. Throws `malformed`, also where no handler has the name. */
  read(name: string, written: unknown): unknown
}

/** Undefined until an entry of ours that knows such kinds is imported, so that it costs nothing where none is. */
export let handling: Handling | undefined

export function handleWith(given: Handling): void {
  handling = given
}

/** Why a value that came through the handler `name` cannot be read. */
export const unknownHandler = (name: string): ActorError =>
  new ActorError(
    'malformed',
    `a value came through the transfer handler '${name}', unknown here; import 'troupe/comlink' in this realm too and register the handler with Comlink's transferHandlers`,
  )
