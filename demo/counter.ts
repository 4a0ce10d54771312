import { Actor } from 'troupe'

export class Counter extends Actor {
  #count: number

  constructor(start = 0) {
    super()
    this.#count = start
  }

  increment(by = 1): number {
    return (this.#count += by)
  }

  async *countTo(n: number): AsyncGenerator<number> {
    while (this.#count < n) yield this.increment()
  }
}
