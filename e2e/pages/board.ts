import { Actor } from 'troupe'
import { outcome } from './flight.js'

/** What all tabs share. */
export class Board extends Actor {
  #total = 0
  #called: Promise<string> = Promise.resolve('nobody called')

  add(by: number): number {
    return (this.#total += by)
  }

  /** Calls a function of a tab; `called` tells how that ended. */
  callBack(listener: () => Promise<void>): void {
    this.#called = outcome(listener())
  }

  called(): Promise<string> {
    return this.#called
  }
}
