import { Actor, type Proxy } from 'troupe'
import { movable } from 'troupe/move'

/** A call: who made it, and which of its calls it was. */
export type Entry = readonly [sender: string, n: number]

/** Moves between realms, and writes down which calls it handled. */
export class Nomad extends Actor {
  static movable = movable('Nomad')
  #entries: Entry[] = []
  override snapshot(): Entry[] {
    return this.#entries
  }
  override restore(entries: Entry[]): void {
    this.#entries = entries
  }
  async call(sender: string, n: number): Promise<void> {
    this.#entries.push([sender, n])
    if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  /** What was handled since this was last asked for. */
  take(): Entry[] {
    return this.#entries.splice(0)
  }
}

/** What a sender did. */
export interface Sent {
  readonly calls: number
  /** Calls that failed. */
  readonly failures: string[]
}

/** Calls a nomad from its own realm until it is told to end. */
export class Sender extends Actor {
  static concurrency = Infinity
  #isOver = false
  #sending: Promise<Sent> | undefined

  /** So many calls are under way at a time. */
  begin(nomad: Proxy<Nomad>, name: string, atATime: number): void {
    this.#sending = this.#send(nomad, name, atATime)
  }

  async end(): Promise<Sent> {
    this.#isOver = true
    return this.#sending!
  }

  async #send(nomad: Proxy<Nomad>, name: string, atATime: number): Promise<Sent> {
    let calls = 0
    const failures: string[] = []
    const one = async (): Promise<void> => {
      while (!this.#isOver) await nomad.call(name, calls++).catch((error: unknown) => failures.push(String(error)))
    }
    await Promise.all(Array.from({ length: atATime }, one))
    return { calls, failures }
  }
}
