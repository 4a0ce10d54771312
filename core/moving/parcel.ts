import type { Cell } from '../actor/cell.js'
import { ActorError } from '../ground/errors.js'
import type { Ref } from '../message/ref.js'
import { refOf } from '../proxy/proxy.js'
import type { AnySpawnOptions } from '../supervision/spawn-options.js'

/** What an actor brings along, beside what it is made of. */
export interface Parcel {
  /** Tells the actor from all others, in each realm where it has been. */
  readonly pass: string
  /** Tells this move from all others. */
  readonly nonce: string
  /** The id that it had, and whether it was given that id. */
  readonly id: string
  readonly isIdGiven: boolean
  readonly state: unknown
  /** The version of the class that made the state. */
  readonly version: number
  /** The actor as it is known where it comes from. */
  readonly from: Ref
}

/** Throws `malformed` for what is no parcel. */
export function readParcel(value: unknown): Parcel {
  const { pass, nonce, id, isIdGiven, state, version, from } = Object(value) as Partial<Parcel>
  const ref = refOf(from)
  const areTexts = [pass, nonce, id].every((text) => typeof text === 'string' && text.length > 0 && text.length <= 255)
  if (!areTexts || typeof version !== 'number' || typeof isIdGiven !== 'boolean' || !ref)
    throw new ActorError('malformed', 'the peer moves an actor in an unknown way')
  return { pass: pass!, nonce: nonce!, id: id!, isIdGiven, state, version, from: ref }
}

/** The options of `spawn` that an actor is made with elsewhere. It stays a member of its group where it was spawned. */
export function optionsOf({ life }: Cell, isIdGiven: boolean): AnySpawnOptions {
  const { group: _, keep: __, id, ...options } = life.options
  return { ...options, ...(isIdGiven && id !== undefined && { id }) }
}

/** Where an actor is in the realm that took it: its place in the table of that realm, and its id. */
export interface Place {
  readonly index: number
  readonly id: string
}

/** Throws `malformed` for what is no place. */
export function readPlace(value: unknown): Place {
  const { index, id } = Object(value) as { readonly index?: unknown; readonly id?: unknown }
  if (typeof index !== 'number' || typeof id !== 'string')
    throw new ActorError('malformed', 'the peer does not say where the actor is')
  return { index, id }
}
