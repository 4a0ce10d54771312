import type { Encoder } from './encode.js'

/** Sends values of some kinds as something else. */
export interface Handling {
  /** Writes what travels instead of the value; false for all that is copied as it is. */
  write(value: object, encoder: Encoder): boolean
  /** The value again; undefined where nothing here knows the name. Throws `malformed`. */
  read(name: string, written: unknown): { readonly value: unknown } | undefined
}

/** Undefined until an entry of ours that knows such kinds is imported, so that it costs nothing where none is. */
export let handling: Handling | undefined

export function handleWith(given: Handling): void {
  handling = given
}
