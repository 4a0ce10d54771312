import type { ActorError } from '../ground/errors.js'
import { type Caller, Message } from '../message/message.js'

/** Work that an actor gave itself, such as what it does `every` so often. Nobody waits for it. */
export class Work extends Message {
  readonly #work: () => unknown
  readonly #settled: () => void

  /** `settled` is called once, whatever became of it. */
  constructor(name: string, work: () => unknown, settled: () => void) {
    super(name, [], undefined, Infinity, undefined)
    this.#work = work
    this.#settled = settled
  }

  get expectsReply(): boolean {
    return false
  }

  get caller(): Caller | undefined {
    return undefined
  }

  override invoke(): unknown {
    return this.#work()
  }

  protected resolve(): void {
    this.#settled()
  }

  // Whoever runs it tells the log and the supervisor.
  protected reject(): void {
    this.#settled()
  }

  protected abandon(_reason: ActorError): void {}
}
