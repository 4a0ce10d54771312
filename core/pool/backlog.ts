import type { Task } from './task.js'

/** Tasks in order: first those that are tried again. */
class Line {
  readonly again = new Set<Task>()
  readonly waiting = new Set<Task>()

  get size(): number {
    return this.again.size + this.waiting.size
  }

  get first(): Task | undefined {
    for (const task of this.again) return task
    for (const task of this.waiting) return task
    return undefined
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
    const line = this.#line(task.boundTo)
    const isThere = line !== undefined && (line.again.delete(task) || line.waiting.delete(task))
    if (isThere) this.size--
    if (isThere && task.boundTo !== undefined && line.size === 0) this.#bound.delete(task.boundTo)
    return isThere
  }

  /** Takes out all whose slot `isTaken`. Those for any worker have none. */
  take(isTaken: (slot: number | undefined) => boolean): Task[] {
    const taken: Task[] = []
    for (const line of [this.#common, ...this.#bound.values()]) taken.push(...line.again, ...line.waiting)
    return taken.filter((task) => isTaken(task.boundTo) && this.delete(task))
  }

  #line(slot: number | undefined): Line | undefined {
    return slot === undefined ? this.#common : this.#bound.get(slot)
  }
}
