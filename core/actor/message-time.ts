import type { Message } from '../message/message.js'
import type { Home } from '../message/ref.js'

/** The actor's class limits the time of a message, of which the caller does not know. */
export function limitTime(message: Message, timeout: number, home: Home): void {
  const now = (home.time = home.env.now())
  message.deadline = Math.min(message.deadline, now + timeout)
  message.node.isLimited = true
  home.deadlines.add(message, now)
}

/** Whether its time was over before it began, and no timer could tell yet. A message with another kind of deadline is in no list. */
export const isLate = (message: Message, now: number): boolean =>
  message.deadline < now && message.list !== undefined && !message.started
