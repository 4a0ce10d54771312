import { Fifo } from '../ground/fifo.js'
import type { Task } from './task.js'

/** Tasks in order: first those that are tried again. */
class Line {
  readonly again = new Fifo<Task>()
  readonly waiting = new Fifo<Task>()

  get size(): number {
    return this.again.size + this.waiting.size
  }

  get first(): Task | undefined {
    return this.again.first ?? this.waiting.first
  }
}

/** The tasks of a pool that no worker has: those for any worker, and those for the worker of one slot. */
export class Backlog {
  size = 0
  readonly #common = new Line()
  readonly #bound = new Map<number, Line>()

  /** How many wait for any worker. */
  get unbound(): number {
    return this.#common.size
  }

  /** The slots for whose workers tasks wait. */
  get slots(): number[] {
    return [...this.#bound.keys()]
  }

  /** How many wait for the worker of a slot. */
  count(slot: number): number {
    return this.#bound.get(slot)?.size ?? 0
  }

  /** The one whose turn it is at the worker of a slot: that which has waited longest. */
  first(slot: number): Task | undefined {
    const common = this.#common.first
    const bound = this.#bound.get(slot)?.first
    return bound && !(common && common.queuedAt < bound.queuedAt) ? bound : common
  }

  add(task: Task, isAgain = false): void {
    const { boundTo } = task
    let line = this.#line(boundTo)
    if (!line) this.#bound.set(boundTo!, (line = new Line()))
    line[isAgain ? 'again' : 'waiting'].add(task)
    this.size++
  }

  /** True if it was there. */
  delete(task: Task): boolean {
    const { boundTo } = task
    const line = this.#line(boundTo)
    if (!line?.again.delete(task) && !line?.waiting.delete(task)) return false
    this.size--
    if (boundTo !== undefined && line.size === 0) this.#bound.delete(boundTo)
    return true
  }

  /** Takes out all whose slot `isTaken`. Those for any worker have none. */
  take(isTaken: (slot: number | undefined) => boolean): Task[] {
    const all = [this.#common, ...this.#bound.values()].flatMap(({ again, waiting }) => [...again, ...waiting])
    return all.filter((task) => isTaken(task.boundTo) && this.delete(task))
  }

  #line(slot: number | undefined): Line | undefined {
    return slot === undefined ? this.#common : this.#bound.get(slot)
  }
}
