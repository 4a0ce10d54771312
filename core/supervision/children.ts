import type { Message } from '../message/message.js'
import type { StopOptions } from '../message/stop-options.js'
import type { Supervised } from './supervised.js'

/** The actors that an actor spawned. */
export class Children extends Set<Supervised> {
  /** Those that outlive a restart of their parent, until it asks for them. */
  #kept: Supervised[] = []
  #turn: Promise<void> | undefined

  async stop(options: StopOptions, stopper?: Message): Promise<void> {
    await Promise.all(Array.from(this, ({ life }) => life.stop(options, stopper)))
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
    this.#kept = [...this].filter(({ life }) => life.options.keep)
    const leaving = [...this].filter((child) => !this.#kept.includes(child))
    await Promise.all(leaving.map(({ life }) => life.stop(options)))
  }

  /** One that was kept, by its name. */
  reclaim(name: string): Supervised | undefined {
    const kept = this.#kept.find((child) => child.name === name)
    this.#kept = this.#kept.filter((child) => child !== kept)
    return kept
  }

  /** Stops those that nobody asked for again. */
  dismiss(): void {
    for (const { life } of this.#kept.splice(0)) void life.stop({ reason: 'its parent did not ask for it again' })
  }
}
