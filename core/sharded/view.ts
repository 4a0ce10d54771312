import type { Members } from '../group/members.js'
import type { Ref } from '../message/ref.js'
import { ownerOf } from './ownership.js'

/** The gates of the realms that run the actors, as one realm knows them now. */
export class View {
  /** Resolves when this realm has a gate itself, if it is to have one. */
  joining: Promise<void> | undefined = undefined
  readonly #members: Members
  readonly #group: string

  constructor(members: Members, name: string) {
    this.#members = members
    this.#group = groupOf(name)
  }

  /** By the id of the realm. A promise where others have to be heard or asked. */
  gates(): ReadonlyMap<string, Ref> | Promise<ReadonlyMap<string, Ref>> {
    const { joining } = this
    const found = joining ? joining.then(() => this.#members.of(this.#group)) : this.#members.of(this.#group)
    return found instanceof Promise ? found.then(byRealm) : byRealm(found)
  }

  /** Calls `listener` whenever a gate came or went. */
  onChange(listener: () => void): void {
    this.#members.onChange(this.#group, listener)
  }
}

/** The group of the gates. An untrusted peer needs this name to find them. */
export const groupOf = (name: string): string => `sharded:${name}`

/** The gate of the realm that owns a key; undefined where there is none. */
export function gateOf(key: string, gates: ReadonlyMap<string, Ref>): Ref | undefined {
  const owner = ownerOf(key, gates.keys())
  return owner === undefined ? undefined : gates.get(owner)
}

const byRealm = (gates: readonly Ref[]): Map<string, Ref> => new Map(gates.map((gate) => [gate.address.realm, gate]))
