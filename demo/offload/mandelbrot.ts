import { COLOURS, palette } from './palette.js'
import type { Rect, Size } from './pixels.js'

/** What is seen of the complex plane: its centre, and how much of it the shorter side of the picture covers. */
export interface View {
  readonly x: number
  readonly y: number
  readonly span: number
}

export const WHOLE: View = { x: -0.65, y: 0, span: 2.5 }

/** Numbers of 64 bits tell apart points of the set, whose size is about 1, down to about this distance. */
const FINEST = 2 ** -49
/** Distance from the origin beyond which a point has left; far out, so that colours have no steps. */
const BAILOUT = 2 ** 16
/** Two colours of the palette that far apart look alike. */
const NEAR = COLOURS / 64
/** Square root of the iterations in which the colours go round once. */
const CYCLE = 14
/** Samples of a pixel that is unlike those beside it, as steps from its centre: nine that share no row and no column. */
const SAMPLES = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => [(n - 4) / 9, (((n * 4 + 2) % 9) - 4) / 9] as const)

/** Distance between two pixels. */
export const stepOf = (view: View, { width, height }: Size): number => view.span / Math.min(width, height)

/** The smallest span at which the pixels of a picture still differ. */
export const smallestSpan = ({ width, height }: Size): number => FINEST * Math.min(width, height)

/** How often a point is iterated at most: more, the deeper the view is. */
const iterationsFor = ({ span }: View): number => Math.round(400 + 90 * Math.max(0, Math.log2(WHOLE.span / span)))

/** The pixels of one tile of a picture of that size. */
export function mandelbrot(view: View, size: Size, tile: Rect): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(tile.width * tile.height * 4)
  const step = stepOf(view, size)
  const most = iterationsFor(view)
  const left = tile.x + 0.5 - size.width / 2
  const top = tile.y + 0.5 - size.height / 2
  const colourAt = (x: number, y: number): number =>
    colourOf(escapeTime(view.x + (left + x) * step, view.y - (top + y) * step, most))

  // One sample for each pixel, and a ring of pixels around the tile to compare with.
  const wide = tile.width + 2
  const colours = new Int16Array(wide * (tile.height + 2))
  for (let n = 0; n < colours.length; n++) colours[n] = colourAt((n % wide) - 1, Math.floor(n / wide) - 1)

  for (let y = 0, at = 0; y < tile.height; y++)
    for (let x = 0; x < tile.width; x++, at += 4) {
      const here = (y + 1) * wide + x + 1
      data[at + 3] = 255
      if (isPlain(colours, here, wide)) add(data, at, colours[here]!, 1)
      else for (const [dx, dy] of SAMPLES) add(data, at, colourAt(x + dx, y + dy), SAMPLES.length)
    }
  return data
}

/** Whether a pixel is like those beside it, so that more samples of it would show nothing new. */
function isPlain(colours: Int16Array, at: number, wide: number): boolean {
  const colour = colours[at]!
  return (
    isNear(colour, colours[at - 1]!) &&
    isNear(colour, colours[at + 1]!) &&
    isNear(colour, colours[at - wide]!) &&
    isNear(colour, colours[at + wide]!)
  )
}

/** The palette is a circle. */
function isNear(one: number, other: number): boolean {
  const distance = Math.abs(one - other)
  return one < 0 || other < 0 ? one === other : Math.min(distance, COLOURS - distance) <= NEAR
}

/** Adds a part of a colour to a pixel. */
function add(data: Uint8ClampedArray, at: number, colour: number, parts: number): void {
  if (colour < 0) return
  for (let channel = 0; channel < 3; channel++)
    data[at + channel] = data[at + channel]! + palette[3 * colour + channel]! / parts
}

/** The index of a colour in the palette; -1 for black. */
const colourOf = (time: number): number => (time < 0 ? -1 : Math.floor(Math.sqrt(time) * (COLOURS / CYCLE)) % COLOURS)

/** After how many iterations a point has left, with a smooth fraction; -1 for one that belongs to the set. */
function escapeTime(cx: number, cy: number, most: number): number {
  if (isInside(cx, cy)) return -1
  let x = 0
  let y = 0
  let n = 0
  // An orbit that comes back to where it was never leaves. The point to compare with moves on at powers of two.
  for (let next = 8; n < most; next = Math.min(2 * next, most)) {
    const knownX = x
    const knownY = y
    while (n < next) {
      const xx = x * x
      const yy = y * y
      if (xx + yy > BAILOUT) return Math.max(0, n + 1 - Math.log2(Math.log2(xx + yy) / 2))
      y = 2 * x * y + cy
      x = xx - yy + cx
      n++
      if (x === knownX && y === knownY) return -1
    }
  }
  return -1
}

/** Whether a point is in one of the two largest parts of the set, which would take longest. */
function isInside(x: number, y: number): boolean {
  const q = (x - 0.25) ** 2 + y * y
  return q * (q + x - 0.25) <= 0.25 * y * y || (x + 1) ** 2 + y * y <= 0.0625
}
