import { memoryStore } from '../durable/memory-store.js'
import type { Store, StoreCommit, StoreRecord } from '../ground/store.js'

/** A store in which commits can be held, and made to fail. */
export class HeldStore implements Store {
  readonly inner: Store
  commits = 0
  held: Promise<void> | undefined
  failure: Error | undefined
  /** So many of the next commits fail. */
  failing = 0
  release: () => void = () => {}

  constructor(inner: Store = memoryStore()) {
    this.inner = inner
  }

  hold(): void {
    this.held = new Promise((resolve) => (this.release = resolve))
  }
  async read(prefix: string): Promise<readonly StoreRecord[]> {
    return this.inner.read(prefix)
  }
  async commit(commits: readonly StoreCommit[]): Promise<readonly boolean[]> {
    this.commits++
    await this.held
    if (this.failure) throw this.failure
    if (this.failing > 0) {
      this.failing--
      throw new Error('full')
    }
    return this.inner.commit(commits)
  }
  async close(): Promise<void> {}
}
