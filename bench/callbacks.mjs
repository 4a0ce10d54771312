/** Calls by hand, as lean as they get: one post per message, bare callbacks found by array slot. */
export class Callbacks {
  #post
  #waiting = []
  #free = []

  constructor(post) {
    this.#post = post
  }

  call(method, args, done) {
    const id = this.#free.pop() ?? this.#waiting.length
    this.#waiting[id] = done
    this.#post({ id, method, args })
  }

  tell(method, args) {
    this.#post({ method, args })
  }

  receive({ id, result }) {
    const done = this.#waiting[id]
    this.#free.push(id)
    done(result)
  }
}
