import { Actor } from '../index.js'
import { durable } from '../durable/durable.js'

/** An actor whose state is one stored number. */
export class DurableCounter extends Actor {
  static durable = durable()
  count = 0
  override snapshot(): unknown {
    return this.count
  }
  override restore(count: number): void {
    this.count = count
  }
  add(by = 1): number {
    return (this.count += by)
  }
  value(): number {
    return this.count
  }
}
