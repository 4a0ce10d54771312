import type { Message } from '../message/message.js'
import type { StopOptions } from '../message/stop-options.js'
import type { Supervised } from './supervised.js'

/** The actors that an actor spawned. */
export class Children {
  readonly #all = new Set<Supervised>()
  /** Those that outlive a restart of their parent, until it asks for them. */
  readonly #kept = new Set<Supervised>()
  #turn: Promise<void> | undefined

  get size(): number {
    return this.#all.size
  }

  [Symbol.iterator](): Iterator<Supervised> {
    return this.#all.values()
  }

  add(child: Supervised): void {
    this.#all.add(child)
  }

  delete(child: Supervised): void {
    this.#all.delete(child)
  }

  async stop(options: StopOptions, stopper?: Message): Promise<void> {
    await Promise.all(Array.from(this.#all, ({ life }) => life.stop(options, stopper)))
  }

  /** Restarts some of them, once a restart that is under way is through. */
  async inTurn(restart: () => Promise<void>): Promise<void> {
    while (this.#turn) await this.#turn
    const turn = restart()
    const over = (): void => void (this.#turn = undefined)
    this.#turn = turn.then(over, over)
    return turn
  }

  /** Stops all but those that are kept. */
  async part(options: StopOptions): Promise<void> {
    const leaving = [...this.#all].filter(({ life }) => !life.options.keep)
    for (const child of this.#all) if (!leaving.includes(child)) this.#kept.add(child)
    await Promise.all(leaving.map(({ life }) => life.stop(options)))
  }

  /** One that was kept, by its name. */
  reclaim(name: string): Supervised | undefined {
    for (const child of this.#kept) {
      if (child.name !== name) continue
      this.#kept.delete(child)
      return child
    }
    return undefined
  }

  /** Stops those that nobody asked for again. */
  dismiss(): void {
    for (const child of this.#kept) void child.life.stop({ reason: 'its parent did not ask for it again' })
    this.#kept.clear()
  }
}
