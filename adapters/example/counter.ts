import { Actor } from '../../core/index.js'

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
  /** As slow as its caller lets it be. */
  async dawdle() {
    const { signal } = this.context
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return signal.reason as unknown
  }
  async map(numbers: number[], fn: (n: number) => number | Promise<number>) {
    return Promise.all(numbers.map(fn))
  }
  fail(): never {
    throw Object.assign(new RangeError('too much', { cause: new Error('greed') }), { limit: 3 })
  }
  failWith(value: unknown): never {
    throw value
  }
}
