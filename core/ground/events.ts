import { ActorError } from './errors.js'
import { unawaited } from './unawaited.js'

// oxlint-disable-next-line typescript/no-explicit-any -- a listener's arguments are its own
type Listeners<E> = { [K in keyof E]: (...args: any[]) => void }

/** Typed events; a listener that throws, or rejects, harms neither the emitter nor the other listeners. */
export class Events<E extends Listeners<E>> {
  /** One record for each time that somebody began to listen. */
  readonly #heard: { [K in keyof E]?: readonly { readonly listener: E[K] }[] } = {}
  readonly #failed: (error: unknown) => void
  readonly #refusable: keyof E | undefined

  /** What a listener of `refusable` throws is thrown to who emits. */
  constructor(failed: (error: unknown) => void, refusable?: keyof E) {
    this.#failed = failed
    this.#refusable = refusable
  }

  /** Returns its undo. */
  on<K extends keyof E>(event: K, listener: E[K]): () => void {
    if (typeof listener !== 'function') throw new ActorError('malformed', `on('${String(event)}') takes a function`)
    const mine = { listener }
    this.#heard[event] = [...(this.#heard[event] ?? []), mine]
    return () => (this.#heard[event] = this.#heard[event]!.filter((each) => each !== mine))
  }

  /** Whether anybody listens: what nobody hears need not be put together. */
  hears(event: keyof E): boolean {
    return !!this.#heard[event]?.length
  }

  emit<K extends keyof E>(event: K, ...args: Parameters<E[K]>): void {
    for (const { listener } of this.#heard[event] ?? []) {
      try {
        unawaited(listener(...args), this.#failed)
      } catch (error) {
        if (event === this.#refusable) throw error
        this.#failed(error)
      }
    }
  }
}
