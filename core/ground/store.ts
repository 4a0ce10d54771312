/** One record of a store: a key, and the bytes kept under it. */
export interface StoreRecord {
  readonly key: string
  readonly value: Uint8Array
}

/** What becomes of a record: these bytes are put there, or it is removed if `value` is undefined. */
export interface StoreChange {
  readonly key: string
  readonly value: Uint8Array | undefined
}

/**
 * Changes that are made together, or not at all. A record that commits expect is changed only by commits that expect it.
 * A durable actor's keys all begin with its name and a `/`; a store may refuse a commit whose keys don't begin alike.
 */
export interface StoreCommit {
  /** The record as it must be, or undefined as a value if it must not be there. Otherwise nothing of this commit is made. */
  readonly expected?: StoreChange | undefined
  readonly changes: readonly StoreChange[]
}

/**
 * Keeps the records of durable actors. Each of its functions may be called while others are under way; `commit` is not
 * called again before the last one has settled. A key is a text that may hold any character.
 */
export interface Store {
  /** All records whose key begins with `prefix`, which ends with `/`, in the order of their keys. */
  read(prefix: string): Promise<readonly StoreRecord[]>
  /**
   * Makes commits one after the other; each sees what those before it changed. Resolves when all are durable: they survive
   * the end of the process. The result says for each commit whether it was made, or refused by what it expected. If it
   * rejects, nobody can tell which were made; a later `read` shows it.
   */
  commit(commits: readonly StoreCommit[]): Promise<readonly boolean[]>
  /** Frees what it holds. Calls after that reject. */
  close(): Promise<void>
}
