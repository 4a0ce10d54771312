import type { Handler } from '../actor/handler.js'
import type { Address } from '../ground/address.js'
import type { Caller, Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import { borrow } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import type { Realm } from '../realm/realm.js'

/** A message as interceptors see it: one object for all interceptors of the message. */
export interface Call<A extends object = object> {
  /** The instance whose method is called. */
  readonly actor: A
  /** The name of the method. */
  readonly method: string
  /** The arguments. A `before` or `around` hook may change or replace them before the method runs. */
  args: unknown[]
  /** The tags of the method. */
  readonly tags: ReadonlySet<string>
  /** The actor that sent the message; undefined if it was sent from outside of an actor. */
  readonly sender: Proxy<unknown> | undefined
  /** The peer at the other end of the link that brought the message; undefined for messages from this realm. */
  readonly caller: Caller | undefined
  /** Fires when the caller gives up: see `context.signal`. */
  readonly signal: AbortSignal
  /** Milliseconds left for the message; Infinity without a deadline. */
  readonly deadline: number
  /** The address of the actor. */
  readonly address: Address
}

export class InterceptedCall implements Call {
  readonly actor: object
  readonly handler: Handler
  readonly message: Message
  readonly tags: ReadonlySet<string>
  args: unknown[]

  constructor(handler: Handler, message: Message, tags: ReadonlySet<string>) {
    this.actor = handler.instance
    this.handler = handler
    this.message = message
    this.tags = tags
    // A message that is tried again has the arguments that it came with.
    this.args = [...message.args]
  }

  get method(): string {
    return this.message.method
  }

  get sender(): Proxy<unknown> | undefined {
    const { sender } = this.message
    return sender && (borrow(sender as Ref) as Proxy<unknown>)
  }

  get caller(): Caller | undefined {
    return this.message.caller
  }

  get signal(): AbortSignal {
    return this.message.signal
  }

  get deadline(): number {
    const { deadline } = this.message
    return deadline === Infinity ? Infinity : deadline - this.handler.home.env.now()
  }

  get address(): Address {
    return this.handler.address
  }
}

export const realmOf = (call: Call): Realm => (call as InterceptedCall).handler.home
