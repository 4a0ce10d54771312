import { Actor } from 'troupe'
import { durable } from 'troupe/durable'
import { stateOf } from './durable-state.mjs'

/** Stores its state after each call. */
export class DurableCounter extends Actor {
  static durable = durable()
  #count = 0
  snapshot() {
    return stateOf(this.#count)
  }
  restore({ count }) {
    this.#count = count
  }
  add() {
    return ++this.#count
  }
}
