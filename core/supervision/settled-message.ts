import type { Access, Caller } from '../message/message.js'
import type { Proxy } from '../proxy/proxy-types.js'

/** A message that was handled. */
export interface SettledMessage {
  readonly method: string
  /** Set where `method` is a property that was read or written. */
  readonly access?: Access | undefined
  readonly args: readonly unknown[]
  /** The actor that sent it, if one did. */
  readonly sender?: Proxy<unknown> | undefined
  readonly caller?: Caller | undefined
}

/** What came of it. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }
