/** After so many containers in one frame they are looked up by hash instead of by scan. */
const SCAN = 16

/** The containers of one frame, by identity: cycles and shared ones are written once. */
export class Seen {
  #containers: object[] = []
  #index: Map<object, number> | undefined

  /** Those that were begun, in order. */
  get all(): readonly object[] {
    return this.#containers
  }

  /** A frame begins. */
  clear(): void {
    if (this.#containers.length > 0) this.#containers = []
    this.#index = undefined
  }

  get size(): number {
    return this.#containers.length
  }

  /** Forgets those behind the first `size` ones. */
  forget(size: number): void {
    for (const container of this.#containers.splice(size)) this.#index?.delete(container)
  }

  /** Where the container stands in this frame already; remembers it where it does not. */
  place(container: object): number | undefined {
    const containers = this.#containers
    const place = this.#index ? this.#index.get(container) : containers.indexOf(container)
    if (place !== undefined && place >= 0) return place
    this.#index?.set(container, containers.length)
    containers.push(container)
    if (containers.length === SCAN) this.#index = new Map(containers.map((each, at) => [each, at]))
    return undefined
  }
}
