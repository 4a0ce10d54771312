// The room singleton: an actor that one realm of an origin runs for all of them, one realm after the other.

/** A channel between the realms of an origin: a BroadcastChannel. */
export interface Wire {
  /** Sends data to all others. Throws if the platform can't clone it. */
  postMessage(data: unknown): void
  close(): void
}

/** What the realms of an origin have in common, as the platform gives it. */
export interface Platform {
  /** Opens the channel of that name. `heard` gets what other realms post there, in the order of each. */
  open(name: string, heard: (data: unknown) => void): Wire
  /**
   * Asks for a lock that one realm has at a time. With `steals` it is taken from the one that has it; else the request waits
   * until the lock is free. `granted` is called when the lock is there, `lost` when another realm took it, or when the platform
   * gives none. Returns what gives the lock back, or takes the request back: nothing is called after that.
   */
  lock(name: string, steals: boolean, granted: () => void, lost: (error: unknown) => void): () => void
  /**
   * Calls `listener` with true when the page is put away or ends, after which nothing of it runs, and with false when it is
   * shown again. Returns the undo.
   */
  onAway(listener: (isAway: boolean) => void): () => void
}
