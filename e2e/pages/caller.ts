import { Actor, type Proxy } from 'troupe'
import type { Idler } from './idler.js'

/** When calls were made, by the wall clock, and how long each took, in milliseconds. */
export interface Latencies {
  readonly at: number[]
  readonly took: number[]
}

/** Calls an actor of another worker. */
export class Caller extends Actor {
  #other: Proxy<Idler> | undefined

  async keep(other: Proxy<Idler>): Promise<void> {
    this.#other = other
  }

  /** Whether this worker is linked with that one, and has moved its references to that link. */
  isNextTo(realm: string): boolean {
    const { peers } = this.context.dispatcher.info()
    return peers.some(({ id }) => id === realm) && peers.every(({ pending }) => pending === 0)
  }

  /** Calls for so long, one call after the other. */
  async measure(ms: number): Promise<Latencies> {
    const latencies: Latencies = { at: [], took: [] }
    for (const end = Date.now() + ms; Date.now() < end;) {
      const start = performance.now()
      latencies.at.push(Date.now())
      await this.#other!.echo('called')
      latencies.took.push(performance.now() - start)
    }
    return latencies
  }
}
