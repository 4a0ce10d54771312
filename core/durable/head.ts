import { ActorError } from '../ground/errors.js'
import type { Packer } from './packer.js'
import { damaged, seal, sumOf, unseal } from './record.js'

/** What the first record of an actor says of all others. */
export interface Head {
  /** How often the actor was started, by any realm: the realm that started it last owns it. */
  readonly epoch: number
  /** The last number that was given to a record. */
  readonly serial: number
  /** The version of the class that stored the state. */
  readonly version: number
  /** The checksum of the state; 0 without one. */
  readonly sum: number
  /** How many records there are beside the head. */
  readonly count: number
  /** A random text that is the actor's own in all its runs. */
  readonly origin: string
}

export const writeHead = (packer: Packer, { epoch, serial, version, sum, count, origin }: Head): Uint8Array =>
  seal(packer.pack([epoch, serial, version, sum, count, origin]))

/**
 * The head of an actor's records, which are given without it; undefined if there is none. Throws `stored-failed` where
 * something is damaged, old or missing.
 */
export function readHead(
  packer: Packer,
  prefix: string,
  found: Uint8Array | undefined,
  records: ReadonlyMap<string, Uint8Array>,
): Head | undefined {
  const key = `${prefix}head`
  if (!found) {
    if (records.size > 0) throw damaged(key)
    return undefined
  }
  const values = packer.unpack(unseal(key, found))
  const [epoch, serial, version, sum, count, origin] = values as [number, number, number, number, number, string]
  const state = records.get('state')
  if (state) unseal(`${prefix}state`, state)
  if ((state ? sumOf(state) : 0) !== sum) throw damaged(`${prefix}state`)
  if (records.size !== count) throw new ActorError('stored-failed', `a record of ${prefix} is missing`)
  return { epoch, serial, version, sum, count, origin }
}
