import type { Task } from './task.js'

/** The tasks of a pool that no worker has, in order: first those that are tried again. */
export class Backlog {
  readonly #again = new Set<Task>()
  readonly #waiting = new Set<Task>()

  get size(): number {
    return this.#again.size + this.#waiting.size
  }

  /** The one whose turn it is. */
  get first(): Task | undefined {
    for (const task of this.#again) return task
    for (const task of this.#waiting) return task
    return undefined
  }

  add(task: Task): void {
    this.#waiting.add(task)
  }

  addAgain(task: Task): void {
    this.#again.add(task)
  }

  /** True if it was there. */
  delete(task: Task): boolean {
    return this.#again.delete(task) || this.#waiting.delete(task)
  }

  /** Takes all out. */
  clear(): Task[] {
    const tasks = [...this.#again, ...this.#waiting]
    this.#again.clear()
    this.#waiting.clear()
    return tasks
  }
}
