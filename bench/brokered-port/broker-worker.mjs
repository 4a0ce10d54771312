import { Actor } from 'troupe'
import { host } from 'troupe/shared-worker'

/** Has a proxy of one tab for the other. */
class Broker extends Actor {
  #offered

  async offer(proxy) {
    this.#offered = proxy
  }

  async take() {
    return this.#offered
  }
}

host({ broker: new Broker() })
