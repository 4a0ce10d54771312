import type {} from '../../core/adapter.js'
import { leafOf } from './leaf.js'
import type { Line } from './line.js'

/** Leaves of one name at most. */
const CROWD = 64

declare const queueMicrotask: (fn: () => void) => void

/** What goes to and comes from all members. */
export class Lines {
  readonly #lines = new Map<string, Line>()
  /** Those with payloads that leave at the end of the turn. */
  readonly #gathering = new Set<Line>()

  get ids(): string[] {
    return [...this.#lines.keys()]
  }

  get(member: string): Line | undefined {
    return this.#lines.get(member)
  }

  add(member: string, line: Line): void {
    this.#lines.set(member, line)
  }

  /** Whether there are as many leaves of that one's name as there can be; never for others. */
  isCrowd(member: string): boolean {
    const name = leafOf(member)?.name
    return name !== undefined && this.ids.filter((id) => leafOf(id)?.name === name).length >= CROWD
  }

  /** What goes to that member leaves at the end of the turn. */
  gather(line: Line): void {
    if (this.#gathering.size === 0) queueMicrotask(() => this.flush())
    this.#gathering.add(line)
  }

  flush(): void {
    for (const line of this.#gathering) line.outgoing.flush()
    this.#gathering.clear()
  }

  /** The connection was lost: each member is to be asked what came. */
  ask(): void {
    for (const { outgoing } of this.#lines.values()) outgoing.ask()
  }

  /** A member is none any more. Returns whether it was one. */
  end(member: string): boolean {
    const line = this.#lines.get(member)
    if (!line) return false
    // Its last words.
    line.outgoing.flush()
    line.outgoing.close()
    this.#lines.delete(member)
    this.#gathering.delete(line)
    return true
  }

  close(): void {
    this.flush()
    for (const { outgoing } of this.#lines.values()) outgoing.close()
  }
}
