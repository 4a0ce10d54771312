import { Message } from '../message/message.js'

/** Work that an instance gave itself, such as what it does `every` so often. It is gone with it, and nobody waits for it. */
export class Work extends Message {
  readonly #instance: object
  readonly #work: () => unknown
  readonly #settled: () => void

  /** `settled` is called once, whatever became of it. */
  constructor(name: string, instance: object, work: () => unknown, settled: () => void) {
    super(name, [], undefined, Infinity, undefined)
    this.#instance = instance
    this.#work = work
    this.#settled = settled
  }

  override get expectsReply(): boolean {
    return false
  }

  override invoke(instance: object): unknown {
    return instance === this.#instance ? this.#work() : undefined
  }

  protected resolve(): void {
    this.#settled()
  }

  // Whoever runs it tells the log and the supervisor.
  protected reject(): void {
    this.#settled()
  }
}
