type Listener = (reason: unknown) => void

/** Who waits for the end of which actor of the peer. Each is told once. */
export class Watches {
  readonly #listeners = new Map<number, Listener[]>()

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
}
