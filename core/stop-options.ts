/** `drain` finishes the mailbox, `now` only the message being handled, `kill` waits for nothing. */
export type StopMode = 'drain' | 'now' | 'kill'

export interface StopOptions {
  readonly mode?: StopMode
  /** Milliseconds after which what still runs is killed. */
  readonly timeout?: number
  /** Handed to `onStop`. */
  readonly reason?: unknown
}
