import { goesByReference } from './by-reference.js'
import { isShared } from './describe.js'
import { handling } from './handling.js'
import { kindOf } from './kind.js'
import * as Tag from './tag.js'

export type ViewClass = new (buffer: ArrayBufferLike, offset?: number, length?: number) => ArrayBufferView

/** The part of a buffer that the views of a frame cover. */
interface Range {
  start: number
  end: number
  /** What is sent of the buffer, once a view of it was. */
  copy?: ArrayBufferLike
}

/** The platform's own class of a view, also of one of a subclass or of another realm. */
export function classOf(view: ArrayBufferView): ViewClass {
  let prototype = Object.getPrototypeOf(view) as ArrayBufferView
  while (!Object.hasOwn(prototype, 'BYTES_PER_ELEMENT') && !Object.hasOwn(prototype, 'getInt8'))
    prototype = Object.getPrototypeOf(prototype) as ArrayBufferView
  return prototype.constructor as ViewClass
}

/** A subclass such as Node's Buffer stands in a pool shared with strangers: only its own bytes travel, as a plain view. */
const plain = ({ buffer, byteOffset, byteLength }: ArrayBufferView, View: ViewClass): ArrayBufferView =>
  new View(new Uint8Array(buffer, byteOffset, byteLength).slice().buffer)

/**
 * The views of one frame whose buffers hold more than they show. Only what they show is sent: the rest may be a pool that
 * belongs to others. Views of one buffer share one there, too, which has the range that they cover.
 */
export class Views {
  readonly #ranges = new Map<unknown, Range>()
  /** How many containers of the frame were looked at. */
  #next = 0

  /** A frame begins. */
  clear(): void {
    if (this.#next > 0) this.#ranges.clear()
    this.#next = 0
  }

  /** What to send of a view. `containers` are those of the frame that were begun. */
  cut(given: ArrayBufferView, containers: readonly object[]): ArrayBufferView {
    const View = classOf(given)
    const view = View.prototype === Object.getPrototypeOf(given) ? given : plain(given, View)
    const { buffer, byteOffset: start, byteLength } = view
    if (byteLength === buffer.byteLength || isShared(view)) return view
    let range = this.#ranges.get(buffer)
    if (!range) {
      this.#look(containers.slice(this.#next))
      this.#next = containers.length
      range = this.#ranges.get(buffer)
    }
    const end = start + byteLength
    // What a handler gave, or a later argument, was not found.
    if (!range || start < range.start || end > range.end) this.#ranges.set(buffer, (range = { start, end }))
    if (range.end - range.start === buffer.byteLength) return view
    range.copy ??= buffer.slice(range.start, range.end)
    return new View(range.copy, start - range.start, (view as Uint8Array).length ?? byteLength)
  }

  /** Finds all buffers and views in values that will be copied. Runs no getter. */
  #look(roots: readonly unknown[]): void {
    const found = new Set(roots)
    for (const value of found) {
      if (typeof value !== 'object' || value === null || goesByReference(value) || handling?.find(value)) continue
      const kind = kindOf(value)
      if (kind === Tag.View || kind === Tag.Buffer) {
        // A buffer shows all of itself.
        const { buffer = value as ArrayBuffer, byteOffset: start = 0, byteLength } = value as Partial<ArrayBufferView>
        const end = start + byteLength!
        const range = this.#ranges.get(buffer)
        if (!range) this.#ranges.set(buffer, { start, end })
        else if (!range.copy) {
          range.start = Math.min(range.start, start)
          range.end = Math.max(range.end, end)
        }
      } else if (kind === Tag.Map || kind === Tag.Set) for (const item of value as Iterable<unknown>) found.add(item)
      else for (const key of Object.keys(value)) found.add(Object.getOwnPropertyDescriptor(value, key)?.value)
    }
  }
}
