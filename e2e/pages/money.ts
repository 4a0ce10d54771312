import { transferHandlers } from 'comlink'
import { Actor } from 'troupe'
import 'troupe/comlink'

export class Money {
  constructor(readonly cents: number) {}
}

transferHandlers.set('money', {
  canHandle: (value): value is Money => value instanceof Money,
  serialize: (money) => [(money as Money).cents, []],
  deserialize: (cents) => new Money(cents as number),
})

export class Purse extends Actor {
  #cents = 0

  put({ cents }: Money): void {
    this.#cents += cents
  }

  content(): { all: Money } {
    return { all: new Money(this.#cents) }
  }
}
