import { Actor } from 'troupe'

export class Counter extends Actor {
  #count
  constructor(start = 0) {
    super()
    this.#count = start
  }
  increment(by = 1) {
    return (this.#count += by)
  }
  async *countTo(n) {
    while (this.#count < n) yield this.increment()
  }
}
