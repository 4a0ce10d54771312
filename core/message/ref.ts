import type { Address } from '../ground/address.js'
import type { Deadlines } from '../ground/deadlines.js'
import type { Env } from '../ground/env.js'
import { showInNode } from './inspect.js'
import type { Message, Receiver } from './message.js'

/** What every reference needs of the realm it lives in. */
export interface Home {
  readonly id: string
  readonly env: Env
  readonly deadlines: Deadlines
  /** The clock as last read, no longer ago than this call or this frame. */
  time: number
  /** Milliseconds that calls of this realm have unless they say otherwise. */
  readonly timeout: number
  /** The message whose handler is on the stack right now. */
  current: Message | undefined
  /** A number that no other call of this realm gets. */
  serial(): number
  /** A message that nobody took and nobody awaits. */
  lost(reason: unknown, about: string): void
  /** An error that nobody awaits. */
  report(error: unknown, about: string): void
}

/** Whose failure is logged, and in which realm: by `console.error` where that is not known. */
export interface Callee {
  readonly home: Home | undefined
  readonly address: Pick<Address, 'path'>
}

/**
 * System requests: they never mix with the actor's own methods. `fence` is answered once all that was sent before it, by
 * the same reference, has arrived.
 */
export type Verb = 'stop' | 'kill' | 'ping' | 'info' | 'suspend' | 'resume' | 'fence'

/** A method of a proxy: bound, and able to travel as address + method. */
export interface Bound {
  (...args: unknown[]): Promise<unknown>
}

/** Under this a proxy answers with what it stands for. */
export const REF: unique symbol = Symbol('ref')

/** What a proxy stands for: an actor of this realm, or one behind a link. One per address and realm. */
export abstract class Ref implements Receiver {
  /** Proxies of this reference, made when first asked for. */
  borrowed: object | undefined = undefined
  methods: Map<string, Bound> | undefined = undefined
  /** Names that it has in its realm. */
  names: string[] | undefined = undefined

  abstract readonly home: Home
  abstract readonly address: Address
  /** Equal for equal actors; a peer that is not trusted cannot forge one of another peer. */
  abstract readonly key: string
  /** Deadline that the way there imposes on calls that have none, in milliseconds. */
  abstract readonly defaultTimeout: number
  /** The reference that this one turned out to be: itself, but for one that was found by name. */
  get actual(): Ref {
    return this
  }

  /** Whether a call of it may fail for reasons of another realm. */
  get isElsewhere(): boolean {
    return false
  }

  /** What a call keeps of it. It does not keep the proxy. */
  get callee(): Callee {
    return this
  }

  /** The realm's one proxy of this address. */
  proxy(make: () => object): object {
    return (this.borrowed ??= make())
  }

  /** Bound methods that were made. */
  boundMethods(): Map<string, Bound> {
    return (this.methods ??= new Map())
  }

  /** A peer holds it, or does not any more. */
  countExport?(change: 1 | -1): void

  /** It has a proxy that owns the actor: that one keeps it. */
  own?(): void

  /** Whether it was given that id. */
  isCalled?(id: string): boolean

  /** Whether a peer asked for it over that link. */
  isSpawnedBy?(link: object): boolean

  /** Who received it needs it no more. */
  disposeProxy?(): void

  abstract deliver(message: Message): void
  /** Does what a request asks for, with its first argument as options, and settles it. */
  abstract control(request: Message): void
  /** Calls `listener` with the reason when the actor has ended for good, or is out of reach. Returns its undo. */
  abstract watch(listener: (reason: unknown) => void): () => void

  get [REF](): this {
    return this
  }

  toString(): string {
    const { kind, path } = this.actual.address
    return `Proxy(${kind} ${path})`
  }
}

showInNode(Ref.prototype)
