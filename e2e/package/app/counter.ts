import { Actor } from 'troupe'

export class Counter extends Actor {
  #count: number
  constructor(start = 0) {
    super()
    this.#count = start
  }
  increment(by = 1): number {
    // The test looks for this text in the bundles.
    if (by < 0) throw new RangeError('this counter only goes up')
    return (this.#count += by)
  }
}
