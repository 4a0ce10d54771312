import { Actor } from 'troupe'
import { movable } from 'troupe/move'
import { webSocket } from 'troupe/websocket'

/** Moves between realms, and writes down which calls it handled. */
export class Nomad extends Actor {
  static movable = movable('Nomad')
  #entries = []
  snapshot() {
    return this.#entries
  }
  restore(entries) {
    this.#entries = entries
  }
  async call(sender, n) {
    this.#entries.push([sender, n])
    if (n % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  /** What was handled since this was last asked for. */
  take() {
    return this.#entries.splice(0)
  }
}

/** Calls a nomad from its own realm until it is told to end. */
export class Sender extends Actor {
  static concurrency = Infinity
  #isOver = false
  #sending

  begin(nomad, name, atATime) {
    this.#sending = this.#send(nomad, name, atATime)
  }
  async end() {
    this.#isOver = true
    return this.#sending
  }
  /** Links this realm with a server. */
  async dial(url) {
    await this.context.dispatcher.connect(webSocket(url), { actors: { Nomad, Sender } })
  }
  async #send(nomad, name, atATime) {
    let calls = 0
    const failures = []
    const one = async () => {
      while (!this.#isOver) await nomad.call(name, calls++).catch((error) => failures.push(String(error)))
    }
    await Promise.all(Array.from({ length: atATime }, one))
    return { calls, failures }
  }
}
