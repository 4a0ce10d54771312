import { Actor } from 'troupe'
import { host } from 'troupe/worker-threads'

export class Counter extends Actor {
  #count: number
  constructor(start = 0) {
    super()
    this.#count = start
  }
  increment(by = 1) {
    return (this.#count += by)
  }
  async *countTo(n: number) {
    while (this.#count < n) yield this.increment()
  }
}

export class Room extends Actor {
  readonly #title: string
  constructor(title: string) {
    super()
    this.#title = title
  }
  title() {
    return this.#title
  }
}

export const actors = host({ Counter, Room })
