/** Calls as most people write them by hand: one post per message, a promise per call in a Map. */
export class Promises {
  #post
  #waiting = new Map()
  #next = 0

  constructor(post) {
    this.#post = post
  }

  call(method, ...args) {
    return new Promise((resolve) => {
      const id = this.#next++
      this.#waiting.set(id, resolve)
      this.#post({ id, method, args })
    })
  }

  receive({ id, result }) {
    const resolve = this.#waiting.get(id)
    this.#waiting.delete(id)
    resolve(result)
  }
}
