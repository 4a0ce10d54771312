import { Actor } from '../actor/actor.js'
import { changed } from './changed.js'

/**
 * A Map. Takes its first entries. Keys that came over a link are found again if they are primitive values; others are
 * copies, and each is a key of its own.
 */
export class SharedMap<K = unknown, V = unknown> extends Actor {
  readonly #map: Map<K, V>

  constructor(entries?: Iterable<readonly [K, V]>) {
    super()
    this.#map = new Map(entries)
  }

  async get(key: K): Promise<V | undefined> {
    return this.#map.get(key)
  }

  async set(key: K, value: V): Promise<void> {
    this.#map.set(key, value)
  }

  async has(key: K): Promise<boolean> {
    return this.#map.has(key)
  }

  /** Resolves to whether it was there. */
  async delete(key: K): Promise<boolean> {
    return this.#map.delete(key)
  }

  clear(): void {
    this.#map.clear()
  }

  size(): number {
    return this.#map.size
  }

  /** Entries as they are at the moment. */
  async entries(): Promise<[K, V][]> {
    return [...this.#map]
  }

  async keys(): Promise<K[]> {
    return [...this.#map.keys()]
  }

  async values(): Promise<V[]> {
    return [...this.#map.values()]
  }

  /** Sets several entries at once. */
  async assign(entries: readonly (readonly [K, V])[]): Promise<void> {
    for (const [key, value] of entries) this.#map.set(key, value)
  }

  /** Resolves to the value of the key. If there is none, that is `value` from now on. */
  async getOrInsert(key: K, value: V): Promise<V> {
    if (!this.#map.has(key)) this.#map.set(key, value)
    return this.#map.get(key) as V
  }

  /**
   * Calls a function with the value of a key, or undefined, and sets what it returns. It runs where it was made, and all
   * other calls wait for it. Resolves to the new value. If the function throws, or the call is given up,
   * the value stays as it was.
   */
  async update(key: K, change: (value: V | undefined) => V | Promise<V>): Promise<V> {
    const value = (await changed<V | undefined>(this.#map.get(key), change, this.context.signal)) as V
    this.#map.set(key, value)
    return value
  }
}
