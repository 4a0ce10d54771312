import type { Env } from '../ground/env.js'
import type { Abortable } from '../message/abortable.js'

/**
 * Calls `hold` with 1 now, and with -1 once a stream that a task returned is read no further. Its reader has the rest of this
 * turn to begin; if it begins later, it is held again from then on.
 */
export function holdWhileRead(stream: Abortable, env: Env, hold: (change: 1 | -1) => void): void {
  let isHeld = false
  let isOpen = false
  const set = (is: boolean): void => {
    if (is !== isHeld) hold(is ? 1 : -1)
    isHeld = is
  }
  stream.onRead = (isRead) => set((isOpen = isRead))
  set(true)
  env.defer(() => set(isOpen))
}
