import { Actor } from '../actor/actor.js'

/** A record of named values. Takes what is in it at first. */
export class Namespace<T extends object = Record<string, unknown>> extends Actor {
  readonly #values: Map<keyof T, T[keyof T]>

  constructor(values: T = {} as T) {
    super()
    this.#values = new Map(Object.entries(values)) as Map<keyof T, T[keyof T]>
  }

  async get<K extends keyof T>(name: K): Promise<T[K]> {
    return this.#values.get(name) as T[K]
  }

  async set<K extends keyof T>(name: K, value: T[K]): Promise<void> {
    this.#values.set(name, value)
  }

  /** Sets several values at once. */
  async assign(values: Partial<T>): Promise<void> {
    for (const [name, value] of Object.entries(values)) this.#values.set(name as keyof T, value as T[keyof T])
  }

  async has(name: keyof T): Promise<boolean> {
    return this.#values.has(name)
  }

  /** Resolves to whether it was there. */
  async delete(name: keyof T): Promise<boolean> {
    return this.#values.delete(name)
  }

  /** All values, as they are at the moment. */
  async all(): Promise<T> {
    return Object.fromEntries(this.#values) as T
  }
}
