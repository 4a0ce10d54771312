import { host } from 'troupe/web-worker'

class Clock {
  #ticks = 0
  tick() {
    return ++this.#ticks
  }
}

export const actors = host({ Clock })
