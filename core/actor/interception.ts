import type { Message, Reach } from '../message/message.js'
import type { Handler } from './handler.js'

/** Runs methods within interceptors: see core/interceptors. */
export interface Interception {
  /** What a message reaches: methods that run within their interceptors. */
  reach(actor: Handler, message: Message): Reach
}

/**
 * Undefined until something is intercepted, and another one after each change. It is of all realms, as classes are. So
 * nothing that hosts brings what intercepts.
 */
export const interception: { now: Interception | undefined } = { now: undefined }
