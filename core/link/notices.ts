import { ActorError } from '../ground/errors.js'
import type { Ref } from '../message/ref.js'
import type { Encoder } from '../wire/encode.js'
import type { Exports } from './references/exports.js'
import type { ControlFrames } from './control-frames.js'
import { Op } from './session/op.js'

type Listener = (reason: unknown) => void

/** Who is told that an actor has ended: those here who watch one of the peer's, and the peer of ours. Each is told once. */
export class Notices {
  readonly #exports: Exports
  readonly #frames: ControlFrames
  /** Those here, by the actor's place in the table of the peer. */
  readonly #listeners = new Map<number, Listener[]>()
  /** Actors of whose end the peer is told, each with the undo. */
  readonly #told = new Map<Ref, () => void>()

  constructor(exports: Exports, frames: ControlFrames) {
    this.#exports = exports
    this.#frames = frames
  }

  /** True for the first one of that index. */
  add(index: number, listener: Listener): boolean {
    const listeners = this.#listeners.get(index)
    if (listeners) listeners.push(listener)
    else this.#listeners.set(index, [listener])
    return listeners === undefined
  }

  /** The peer is not told: it says once that the actor ended, and nobody listens. */
  remove(index: number, listener: Listener): void {
    const listeners = this.#listeners.get(index)
    const place = listeners?.indexOf(listener) ?? -1
    if (place >= 0) listeners!.splice(place, 1)
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
      if (index !== undefined) this.tell(index, reason)
    })
    this.#told.set(ref, undo)
  }

  /** The peer needs to hear of the actor no more. */
  forget(ref: Ref): void {
    this.#told.get(ref)?.()
    this.#told.delete(ref)
  }

  /** Tells the peer that it ended. A reason that cannot be sent is told by its text. */
  tell(index: number, reason: unknown): void {
    const body = (encoder: Encoder): void => {
      encoder.sink.number(index)
      encoder.value(reason)
    }
    this.#frames.write(Op.Down, body, false, () =>
      this.tell(index, new ActorError('stopped', String(reason).slice(0, 1_000))),
    )
  }

  /** The link ended. */
  clear(): void {
    for (const undo of this.#told.values()) undo()
    this.#told.clear()
  }
}
