import { ActorError } from '../ground/errors.js'
import { isError } from '../ground/slots.js'
import { textOf } from '../ground/text.js'
import type { Ref } from '../message/ref.js'
import type { Exports } from './references/exports.js'
import { Op } from './session/op.js'
import type { Writer } from './session/writer.js'

type Listener = (reason: unknown) => void

/** Who is told that an actor has ended: those here who watch one of the peer's, and the peer of ours. Each is told once. */
export class EndListeners {
  readonly #exports: Exports
  readonly #writer: Writer
  /** Those here, by the actor's place in the table of the peer. */
  readonly #listeners = new Map<number, Set<Listener>>()
  /** Actors of whose end the peer is told, each with the undo. */
  readonly #told = new Map<Ref, () => void>()

  constructor(
    exports: Exports,
    writer: Writer,
    /** Whether the peer is told of the end of an actor. */
    readonly isTold: () => boolean,
  ) {
    this.#exports = exports
    this.#writer = writer
  }

  /** True for the first one of that index. */
  add(index: number, listener: Listener): boolean {
    const listeners = this.#listeners.get(index)
    this.#listeners.set(index, (listeners ?? new Set()).add(listener))
    return listeners === undefined
  }

  /** The peer is not told: it says once that the actor ended, and nobody listens. */
  remove(index: number, listener: Listener): void {
    this.#listeners.get(index)?.delete(listener)
  }

  fire(index: number, reason: unknown): void {
    const listeners = this.#listeners.get(index) ?? []
    this.#listeners.delete(index)
    for (const listener of listeners) listener(reason)
  }

  fireAll(reason: unknown): void {
    for (const index of this.#listeners.keys()) this.fire(index, reason)
  }

  /** Tells the peer when an actor that it knows of ends. */
  follow(ref: Ref): void {
    if (this.#told.has(ref)) return
    const undo = ref.watch((reason) => {
      this.#told.delete(ref)
      const index = this.#exports.indexOf(ref)
      if (index !== undefined && this.isTold()) this.tell(index, reason)
    })
    this.#told.set(ref, undo)
  }

  /** The peer needs to hear of the actor no more. */
  forget(ref: Ref): void {
    this.#told.get(ref)?.()
    this.#told.delete(ref)
  }

  /** Tells the peer that it ended. If the reason can't be sent, its text is sent instead. */
  tell(index: number, reason: unknown): void {
    this.#writer.control(Op.Down, [index, reason], false, () =>
      this.tell(index, new ActorError('stopped', textOf(isError(reason) ? reason.message : reason, 1_000))),
    )
  }

  /** The link ended. */
  clear(): void {
    for (const ref of this.#told.keys()) this.forget(ref)
  }
}
