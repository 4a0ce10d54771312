import { createNanoEvents, type Emitter } from 'nanoevents'
import { ActorError } from './errors.js'
import { unawaited } from './unawaited.js'

// oxlint-disable-next-line typescript/no-explicit-any -- a listener's arguments are its own
type Listeners<E> = { [K in keyof E]: (...args: any[]) => void }

/** Typed events; a listener that throws, or rejects, harms neither the emitter nor the other listeners. */
export class Events<E extends Listeners<E>> {
  readonly #emitter: Emitter<E> = createNanoEvents<E>()
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
    return this.#emitter.on(event, ((...args) => {
      try {
        unawaited(listener(...args), this.#failed)
      } catch (error) {
        if (event === this.#refusable) throw error
        this.#failed(error)
      }
    }) as E[K])
  }

  /** Whether anybody listens: what nobody hears need not be put together. */
  hears(event: keyof E): boolean {
    return (this.#emitter.events[event]?.length ?? 0) > 0
  }

  emit<K extends keyof E>(event: K, ...args: Parameters<E[K]>): void {
    this.#emitter.emit(event, ...args)
  }
}
