/** What every contender calls. It counts what it handled, so that one-way messages can be confirmed. */
export class Adder {
  #handled = 0

  add(a, b) {
    this.#handled++
    return a + b
  }

  handled() {
    return this.#handled
  }
}
