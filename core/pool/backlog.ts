import type { Task } from './task.js'

/** Tasks in order: first those that are tried again. A linked list: a set whose first ones were deleted is slow to begin. */
class Line {
  size = 0
  first: Task | undefined = undefined
  #last: Task | undefined
  /** The last of those that are tried again. */
  #again: Task | undefined

  add(task: Task, isAgain: boolean): void {
    const before = isAgain ? this.#again : this.#last
    const behind = before ? before.behind : this.first
    task.line = this
    task.before = before
    task.behind = behind
    if (before) before.behind = task
    else this.first = task
    if (behind) behind.before = task
    else this.#last = task
    if (isAgain) this.#again = task
    this.size++
  }

  delete(task: Task): void {
    const { before, behind } = task
    if (before) before.behind = behind
    else this.first = behind
    if (behind) behind.before = before
    else this.#last = before
    if (this.#again === task) this.#again = before
    task.line = task.before = task.behind = undefined
    this.size--
  }

  *[Symbol.iterator](): Iterator<Task> {
    for (let task = this.first; task; task = task.behind) yield task
  }
}

export type { Line }

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
    line.add(task, isAgain)
    this.size++
  }

  /** True if it was there. */
  delete(task: Task): boolean {
    const { line, boundTo } = task
    if (!line) return false
    line.delete(task)
    this.size--
    if (boundTo !== undefined && line.size === 0) this.#bound.delete(boundTo)
    return true
  }

  /** Takes out all whose slot `isTaken`. Those for any worker have none. */
  take(isTaken: (slot: number | undefined) => boolean): Task[] {
    const all = [this.#common, ...this.#bound.values()].flatMap((line) => [...line])
    return all.filter((task) => isTaken(task.boundTo) && this.delete(task))
  }

  #line(slot: number | undefined): Line | undefined {
    return slot === undefined ? this.#common : this.#bound.get(slot)
  }
}
