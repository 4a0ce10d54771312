import { isName } from '../ground/address.js'
import { ActorError } from '../ground/errors.js'
import { textOf } from '../ground/text.js'
import type { Ref } from '../message/ref.js'

/** Hears of each name that comes or goes. */
interface Hearing {
  changed(name: string, there: boolean): void
}

/** The names of this realm: of two that claim one, the second is refused. */
export class Names {
  readonly #refs = new Map<string, Ref>()
  readonly #longest: number
  readonly #directory: Hearing

  constructor(longest: number, directory: Hearing) {
    this.#longest = longest
    this.#directory = directory
  }

  get(name: string): Ref | undefined {
    return this.#refs.get(name)
  }

  all(): string[] {
    return [...this.#refs.keys()]
  }

  /** Throws `malformed` for what can be neither id nor name. */
  check(name: string): void {
    if (isName(name, this.#longest)) return
    const text = `'${textOf(name)}' is not a name: 1 to ${this.#longest} characters without '/'`
    throw new ActorError('malformed', text)
  }

  /** Throws `malformed` or `name-taken`. */
  checkFree(name: string): void {
    this.check(name)
    if (this.#refs.has(name)) throw new ActorError('name-taken', `the name '${name}' is taken`)
  }

  /** Throws `malformed` or `name-taken`. */
  claim(name: string, ref: Ref): void {
    this.checkFree(name)
    this.add(name, ref)
  }

  /** As `claim`, for a name that was checked. */
  add(name: string, ref: Ref): void {
    this.#refs.set(name, ref)
    ;(ref.names ??= []).push(name)
    this.#directory.changed(name, true)
  }

  /** True if it was there. */
  release(name: string): boolean {
    if (!this.#refs.delete(name)) return false
    this.#directory.changed(name, false)
    return true
  }

  /** Gives back every name that an actor has. */
  releaseAll(ref: Ref): void {
    for (const name of ref.names ?? []) if (this.#refs.get(name) === ref) this.release(name)
    ref.names = undefined
  }
}

/** Whether it is the name of an actor: those with a '/' are of realms and of members of groups, and nobody is shown them. */
export const isPublic = (name: string): boolean => name > '' && !name.includes('/')
