import { ActorError } from '../ground/errors.js'
import { isSameBytes } from '../ground/same-bytes.js'
import type { Store, StoreCommit, StoreRecord } from '../ground/store.js'

/** A store that ends with its process: for tests, and for actors that need no more than their duplicates dropped. */
class MemoryStore implements Store {
  readonly #records = new Map<string, Uint8Array>()
  #closed = false

  async read(prefix: string): Promise<readonly StoreRecord[]> {
    this.#check()
    return [...this.#records]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => ({ key, value: new Uint8Array(value) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  async commit(commits: readonly StoreCommit[]): Promise<readonly boolean[]> {
    this.#check()
    return commits.map(({ expected, changes }) => {
      if (expected && !isSameBytes(this.#records.get(expected.key), expected.value)) return false
      for (const { key, value } of changes) {
        // The `slice` of a Buffer would make no copy.
        if (value) this.#records.set(key, new Uint8Array(value))
        else this.#records.delete(key)
      }
      return true
    })
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #check(): void {
    if (this.#closed) throw new ActorError('stored-failed', 'the store is closed')
  }
}

/** Keeps records in memory: what is in it survives a restart of an actor, and not the end of the process. */
export const memoryStore = (): Store => new MemoryStore()
