import { Actor } from 'troupe'
import { durable } from 'troupe/durable'
import { indexedDb } from 'troupe/indexeddb'

/** A count that one realm of the origin keeps for all tabs. */
export class Counter extends Actor {
  static durable = durable({ store: indexedDb('counter') })
  #count = 0

  add(by: number): number {
    return (this.#count += by)
  }

  value(): number {
    return this.#count
  }

  /** The dispatcher of the realm that runs it. */
  where(): string {
    return this.context.dispatcher.id
  }

  override snapshot(): number {
    return this.#count
  }

  override restore(count: number): void {
    this.#count = count
  }
}
