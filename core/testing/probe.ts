import { onAbort } from '../ground/abort.js'
import { ActorError } from '../ground/errors.js'
import type { Proxy, Referenced } from '../proxy/proxy-types.js'
import { Conduit } from './conduit.js'
import { laden } from './laden.js'
import { Player } from './random/player.js'

const refuse = (): never => {
  throw new ActorError('quota', 'another call was refused')
}

/** What travels by reference. */
export class Tally {
  total = 0

  add(by: number): number {
    return (this.total += by)
  }
}

/** The actor that the conformance suite calls. */
export class Probe extends Conduit {
  readonly #log: unknown[] = []
  readonly #reasons: unknown[] = []
  #ended = 0
  #kept: (() => unknown) | undefined
  #last: ((log: unknown[]) => unknown) | undefined
  #tally: Tally | undefined
  #post: ((item: unknown) => void) | undefined

  static references = ['tally']

  add(a: number, b: number): number {
    return a + b
  }

  async echo<T>(value: T): Promise<T> {
    return value
  }

  /** Says what arrived, where a round trip would hide a difference. */
  describe(value: unknown): string {
    return Object.prototype.toString.call(value)
  }

  record(item: unknown): void {
    this.#log.push(item)
  }

  log(): unknown[] {
    return this.#log
  }

  async later(value: number): Promise<number> {
    for (let turn = value % 7; turn > 0; turn--) await undefined
    return value
  }

  /** Says that it started and never answers by itself; gives up when the caller does. */
  hang(started?: () => void): Promise<void> {
    const { signal } = this.context
    started?.()
    return new Promise((_, reject) =>
      onAbort(signal, () => {
        this.#log.push('gave up')
        this.#reasons.push(signal.reason)
        reject(new Error('gave up'))
      }),
    )
  }

  /** Why those gave up who made it hang. */
  reasons(): unknown[] {
    return this.#reasons
  }

  /** Never answers, whatever happens. */
  deaf(): Promise<void> {
    return new Promise(() => {})
  }

  throwError(): never {
    throw Object.assign(new RangeError('out of range', { cause: new TypeError('the cause') }), { extra: { n: 1 } })
  }

  /** Throws an error of which some fields cannot be sent, and some were never meant to be. */
  throwLaden(): never {
    throw laden({ self: this.context.self })
  }

  throwValue(value: unknown): never {
    throw value
  }

  unsendable(): unknown {
    return { deep: [{ it: Symbol('never') }] }
  }

  async invoke(fn: (n: number) => unknown, n: number): Promise<unknown> {
    return fn(n)
  }

  /** Calls a function in its own time. */
  async invokeLater(fn: () => unknown): Promise<unknown> {
    await Promise.resolve()
    return fn()
  }

  async invokeNested(value: { readonly list: readonly [{ fn(n: number): unknown }] }, n: number): Promise<unknown> {
    return value.list[0].fn(n)
  }

  adder(by: number): (n: number) => number {
    return (n) => n + by
  }

  /** A function that throws what another call was refused with. */
  refuser(): () => never {
    return refuse
  }

  /** A stream that is no generator, and fails with what another call was refused with. */
  refusing(): AsyncIterable<number> {
    return { [Symbol.asyncIterator]: () => ({ next: async () => refuse() }) }
  }

  /** Calls an actor that was handed in, wherever it is. */
  async relay(other: Proxy<Probe>, a: number, b: number): Promise<number> {
    return other.add(a, b)
  }

  me(): Proxy<this> {
    return this.context.self
  }

  async sender(): Promise<unknown> {
    return this.context.sender
  }

  from(): unknown {
    return this.context.caller
  }

  async *count(to: number): AsyncGenerator<number, void, undefined> {
    try {
      for (let n = 1; n <= to; n++) yield n
    } finally {
      this.#ended++
    }
  }

  async *failing(): AsyncGenerator<number, void, undefined> {
    yield 1
    throw new RangeError('in the stream')
  }

  /** Its second item cannot be sent. */
  async *spoiled(): AsyncGenerator<unknown, void, undefined> {
    try {
      yield 1
      yield { deep: [Symbol('item')] }
      yield 3
    } finally {
      this.#ended++
    }
  }

  /** One item, then nothing until the consumer gave up. */
  async *endless(): AsyncGenerator<number, void, undefined> {
    const { signal } = this.context
    try {
      yield 1
      await new Promise((resolve) => onAbort(signal, () => resolve(undefined)))
    } finally {
      this.#ended++
    }
  }

  /** What is posted while somebody waits for it, until the consumer gave up. */
  async *posts(): AsyncGenerator<unknown, void, undefined> {
    const { signal } = this.context
    try {
      while (!signal.aborted) {
        yield await new Promise<unknown>((resolve) => {
          this.#post = resolve
          onAbort(signal, () => resolve(undefined))
        })
      }
    } finally {
      this.#ended++
    }
  }

  /** Never comes to its first item, whatever happens. */
  async *silent(): AsyncGenerator<number, void, undefined> {
    await new Promise(() => {})
    yield 1
  }

  post(item: unknown): void {
    this.#post?.(item)
  }

  /** Takes one item of a stream and leaves the rest. */
  async first(stream: AsyncIterable<number>): Promise<number | undefined> {
    return (await stream[Symbol.asyncIterator]().next()).value as number | undefined
  }

  /** Reads to the end, or to an error, which it returns. */
  async read(stream: AsyncIterable<unknown>): Promise<unknown> {
    try {
      for await (const _ of stream);
      return undefined
    } catch (error) {
      return error
    }
  }

  async all(stream: AsyncIterable<number>): Promise<number> {
    let total = 0
    for await (const n of stream) total += n
    return total
  }

  /** Keeps a function, and calls it when told to. */
  keep(fn: () => unknown): void {
    this.#kept = fn
  }

  async callKept(): Promise<unknown> {
    return this.#kept?.()
  }

  dropKept(): void {
    this.#kept = undefined
  }

  /** Ends when the signal fires; says whether it had before. */
  async waitFor(signal: AbortSignal, waiting?: () => unknown): Promise<{ early: boolean; reason: unknown }> {
    const early = signal.aborted
    if (!early)
      await new Promise<void>((fired) => {
        onAbort(signal, () => fired())
        waiting?.()
      })
    return { early, reason: signal.reason as unknown }
  }

  /** One counter for all who ask. */
  tally(): Referenced<Tally> {
    return (this.#tally ??= new Tally()) as Referenced<Tally>
  }

  ownTally(): number {
    return this.tally().total
  }

  /** Ids of the actors in its realm. */
  actors(): readonly string[] {
    return this.context.dispatcher.info().actors
  }

  /** Hands its log to a function when it stops. */
  atLast(fn: (log: unknown[]) => unknown): void {
    this.#last = fn
  }

  override async onStop(): Promise<void> {
    await this.#last?.(this.#log)
  }

  itself(): this {
    return this
  }

  ended(): number {
    return this.#ended
  }

  /** Ends its whole realm's links in an orderly way. */
  hangUp(): void {
    void this.context.dispatcher.close({ mode: 'kill' })
  }

  _hidden(): string {
    return 'hidden'
  }
}

/** What the far side of a transport under test hosts: `host(probes)`. */
export const probes = { Probe, Player }
