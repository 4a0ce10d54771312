import { ActorError } from '../ground/errors.js'
import { isError } from '../ground/slots.js'
import { textOf } from '../ground/text.js'
import type { Ref } from '../message/ref.js'
import type { Transport } from '../transport/transport.js'
import type { References } from './references/references.js'
import { Op } from './session/op.js'
import type { Writer } from './session/writer.js'

type Listener = (reason: unknown) => void

/** What they need of their link. */
export interface EndsLink {
  readonly realm: { readonly closed: boolean }
  readonly transport: Transport
  readonly references: References
  readonly writer: Writer
  readonly open: boolean
  readonly closed: Promise<unknown>
  request(verb: string, args: readonly unknown[]): Promise<unknown>
}

/** Who is told that an actor has ended: those here who watch one of the peer's, and the peer of ours. Each is told once. */
export class EndListeners {
  readonly #link: EndsLink
  /** Those here, by the actor's place in the table of the peer. */
  readonly #listeners = new Map<number, Set<Listener>>()
  /** Actors of whose end the peer is told, each with the undo. */
  readonly #told = new Map<Ref, () => void>()

  constructor(link: EndsLink) {
    this.#link = link
  }

  /**
   * Calls `listener` when the actor at that place has ended. Returns its undo, of which the peer is not told: it says once that
   * the actor ended, and nobody listens.
   */
  watch(index: number, listener: Listener, isTold: boolean): () => void {
    const known = this.#listeners.get(index)
    const listeners = (known ?? new Set()).add(listener)
    this.#listeners.set(index, listeners)
    const link = this.#link
    if (!known && !isTold) {
      // The end of the link itself is told to all who watch.
      link.request('watch', [index]).catch((error: unknown) => link.open && this.fire(index, error))
    }
    return () => listeners.delete(listener)
  }

  fire(index: number, reason: unknown): void {
    const listeners = this.#listeners.get(index) ?? []
    this.#listeners.delete(index)
    for (const listener of listeners) listener(reason)
  }

  /** Tells the peer when an actor that it knows of ends. */
  follow(ref: Ref): void {
    if (this.#told.has(ref)) return
    const undo = ref.watch((reason) => {
      this.#told.delete(ref)
      const { references, realm, transport } = this.#link
      const index = references.exports.indexOf(ref)
      // What ends with this realm is looked for again by a peer that connects again.
      if (index !== undefined && !(realm.closed && transport.lasting)) this.tell(index, reason)
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
    if (!this.#link.open) return
    this.#link.writer.control(Op.Down, [index, reason], false, () =>
      this.tell(index, new ActorError('stopped', textOf(isError(reason) ? reason.message : reason, 1_000))),
    )
  }

  /** The link ended. */
  end(reason: unknown): void {
    for (const ref of this.#told.keys()) this.forget(ref)
    // Whoever brings the peer back hears of the end first, and may have put another way in place.
    void this.#link.closed.then(() => {
      for (const index of this.#listeners.keys()) this.fire(index, reason)
    })
  }
}
