import { type Frames, KEPT } from './frames.js'
import { isMotionReduced } from './motion.js'

/** Frames that take longer are drawn as high as this, in milliseconds. */
const HIGHEST = 250
/** Lines that are drawn across, and what they say. */
const LINES = [
  [1_000 / 60, '60 / s'],
  [50, '20 / s'],
  [100, '10 / s'],
] as const
/** Pixels at the left for what the lines say. */
const LEFT = 44
/** Milliseconds above which a frame is seen to be late, and above which the page stands still. */
const LATE = 34
const STILL = 84
/** Milliseconds between two drawings, which take time themselves, and for visitors who want no motion. */
const PAUSE = 150
const CALM = 1_000

/** Draws how long the last frames took: time runs to the right, and a frame is as wide and as high as it was long. */
export class FrameGraph {
  readonly #canvas: HTMLCanvasElement
  readonly #frames: Frames
  #drawn = 0

  constructor(canvas: HTMLCanvasElement, frames: Frames) {
    this.#canvas = canvas
    this.#frames = frames
    frames.onFrame((now) => {
      if (now - this.#drawn < (isMotionReduced() ? CALM : PAUSE)) return
      this.#drawn = now
      this.#draw(now)
    })
  }

  #draw(now: number): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas
    const ratio = devicePixelRatio
    if (this.#canvas.width !== Math.round(width * ratio)) {
      this.#canvas.width = Math.round(width * ratio)
      this.#canvas.height = Math.round(height * ratio)
    }
    const context = this.#canvas.getContext('2d')!
    const style = getComputedStyle(this.#canvas)
    const colour = (name: string): string => style.getPropertyValue(name)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    // A square root shows both 17 ms and 200 ms.
    const heightOf = (ms: number): number => Math.sqrt(Math.min(1, ms / HIGHEST)) * height
    const across = width - LEFT
    for (const { end, took } of this.#frames.recent) {
      const right = LEFT + across * (1 - (now - end) / KEPT)
      const wide = Math.max(1, (across * took) / KEPT)
      context.fillStyle = colour(took < LATE ? '--good' : took < STILL ? '--late' : '--bad')
      context.fillRect(right - wide, height - heightOf(took), Math.max(0.6, wide - 0.4), heightOf(took))
    }
    context.font = `11px ${style.fontFamily}`
    for (const [ms, text] of LINES) {
      const y = Math.round(height - heightOf(ms)) - 0.5
      context.fillStyle = colour('--soft')
      context.fillText(text, 2, y + 4)
      context.globalAlpha = 0.35
      context.fillRect(LEFT, y, across, 1)
      context.globalAlpha = 1
    }
  }
}
