import { Cell } from '../actor/cell.js'
import type { Ref } from '../message/ref.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import { Entrance } from './entrance.js'
import type { Pass } from './departure.js'

/** The actors of a realm that have been, or are, in another realm. A realm has each of them once, wherever it is. */
export class Travellers {
  readonly #cells = new Map<string, Cell>()
  readonly #passes = new WeakMap<Cell, Pass>()
  /** Those that have left, by where they went. */
  readonly #onward = new WeakMap<Ref, Cell>()

  /** The one that has been here with that pass. */
  with(pass: string): Cell | undefined {
    return this.#cells.get(pass)
  }

  /** The pass of an actor: that which it came with, or one that `made` makes. */
  passOf(cell: Cell, made: () => Pass): Pass {
    const known = this.#passes.get(cell)
    if (known) return known
    const pass = made()
    this.#passes.set(cell, pass)
    return pass
  }

  /** It is here, or has been, until it ends. */
  add(cell: Cell): void {
    const { pass } = this.#passes.get(cell)!
    if (this.#cells.has(pass)) return
    this.#cells.set(pass, cell)
    cell.watch(() => this.#cells.delete(pass))
  }

  /** It has left. */
  left(cell: Cell, to: RemoteRef): void {
    this.#onward.set(to, cell)
    this.add(cell)
  }

  /** The actor of this realm that a reference leads to, or by. */
  behind(ref: Ref): Cell | undefined {
    const { actual } = ref instanceof Entrance ? ref.arrival.cell : ref
    return actual instanceof Cell ? actual : this.#onward.get(actual)
  }
}
