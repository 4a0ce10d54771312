import type { Access, Caller } from '../message/message.js'
import type { Proxy } from '../proxy/proxy-types.js'

/** The first argument of `onSettled`: a message that was handled. */
export interface SettledMessage {
  /** The name of the method or property. */
  readonly method: string
  /** Set if a property was read or written. */
  readonly access?: Access | undefined
  readonly args: readonly unknown[]
  /** The actor that sent it; undefined if it was sent from outside of an actor. */
  readonly sender?: Proxy<unknown> | undefined
  /** The peer that sent it; undefined for messages from this realm. */
  readonly caller?: Caller | undefined
}

/** The second argument of `onSettled`: the result of a message, or its error. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }
