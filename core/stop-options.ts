/** `drain` finishes the mailbox, `now` only the message being handled, `kill` waits for nothing. */
export type StopMode = 'drain' | 'now' | 'kill'

export interface StopOptions {
  readonly mode?: StopMode
  /**
   * Milliseconds after which what still runs is killed; Infinity for never. Unless given, an actor is killed that
   * handles none of its messages in 30 s, or whose `onStop` takes as long.
   */
  readonly timeout?: number
  /** Handed to `onStop`. */
  readonly reason?: unknown
}
