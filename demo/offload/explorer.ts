import { large } from './format.js'
import type { Gestures } from './gestures.js'
import type { Job } from './job.js'
import { smallestSpan, stepOf, type View, WHOLE } from './mandelbrot.js'
import { tilesOf } from './pixels.js'
import type { Surface } from './surface.js'

/** Small enough that a worker is done with one soon, at any depth. */
const SIDE = 64
/** Milliseconds without a gesture after which the view is painted. */
const PAUSE = 150

/** Moves through the Mandelbrot set. While the view moves, what was painted last moves with it. */
export class Explorer implements Gestures {
  view: View
  /** The zoom is as deep as numbers allow. */
  isDeepest = false
  readonly #surface: Surface
  readonly #moved: () => void
  readonly #rested: () => void
  /** What was painted when the view began to move, and the view that it shows. */
  #base: { readonly image: OffscreenCanvas; readonly view: View } | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `moved` is called when the view changes, and `rested` when it is to be painted. */
  constructor(surface: Surface, view: View, moved: () => void, rested: () => void) {
    this.#surface = surface
    this.view = view
    this.#moved = moved
    this.#rested = rested
  }

  /** What is to be painted for the view. From here on the canvas shows this view. */
  job(): Job {
    clearTimeout(this.#timer)
    this.#base = undefined
    const { view } = this
    const { size } = this.#surface
    return {
      title: `Mandelbrot set, zoom ${large(WHOLE.span / view.span)}`,
      size,
      tiles: tilesOf(size, SIDE),
      work: (tile) => ({ kind: 'mandelbrot', view, size, tile }),
    }
  }

  /** Where the view is, in words. */
  get caption(): string {
    const { x, y, span } = this.view
    const digits = Math.min(15, Math.max(2, Math.ceil(1 - Math.log10(span)) + 1))
    const sign = y < 0 ? '−' : '+'
    const place = `${x.toFixed(digits)} ${sign} ${Math.abs(y).toFixed(digits)} i`.replace(/^-/, '−')
    const limit = this.isDeepest ? ' This is as deep as 64-bit numbers go.' : ''
    return `Zoom ${large(WHOLE.span / span)}, at ${place}.${limit}`
  }

  go(view: View): void {
    this.#base = undefined
    this.#set(view)
    this.#moved()
    this.#rested()
  }

  reset(): void {
    this.go(WHOLE)
  }

  move(dx: number, dy: number): void {
    const step = stepOf(this.view, this.#surface.size)
    this.#change({ ...this.view, x: clamp(this.view.x - dx * step, 2), y: clamp(this.view.y + dy * step, 2) })
  }

  zoom(factor: number, x: number, y: number): boolean {
    const { view } = this
    const smallest = smallestSpan(this.#surface.size)
    const span = Math.min(Math.max(view.span / factor, smallest), 2 * WHOLE.span)
    if (span === view.span) return false
    const change = stepOf(view, this.#surface.size) * (1 - span / view.span)
    this.#change({ x: view.x + x * change, y: view.y - y * change, span })
    return true
  }

  #set(view: View): void {
    this.view = view
    this.isDeepest = view.span <= smallestSpan(this.#surface.size)
  }

  #change(view: View): void {
    this.#base ??= { image: this.#surface.copy(), view: this.view }
    this.#set(view)
    const { image, view: shown } = this.#base
    const step = stepOf(view, this.#surface.size)
    this.#surface.showMoved(image, (shown.x - view.x) / step, (view.y - shown.y) / step, shown.span / view.span)
    this.#moved()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#rested, PAUSE)
  }
}

const clamp = (value: number, most: number): number => Math.min(Math.max(value, -most), most)
