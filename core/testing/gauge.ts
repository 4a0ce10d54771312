import { Actor } from '../actor/actor.js'

/** What of the probe is read and written instead of called; a class of its own, since a list says all that is exposed. */
export class Gauge extends Actor {
  static exposed = ['level', 'held', 'fixed', 'doubled', 'soon']
  level = 0
  held: unknown = undefined
  unlisted = 'hidden'

  get fixed(): number {
    return 7
  }

  get doubled(): number {
    return this.level * 2
  }

  set doubled(value: number) {
    if (value < 0) throw new RangeError('below zero')
    this.level = value / 2
  }

  get soon(): Promise<number> {
    return Promise.resolve(this.level)
  }
}
