import type { Done } from './job.js'
import { isMotionReduced } from './motion.js'
import type { Rect, Size } from './pixels.js'

/** Tiles that are framed at a time, in the colours of their workers. */
const MARKED = 12

/** The canvas on which a picture appears, tile by tile, and above it the frames that show who painted a tile. */
export class Surface {
  readonly canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  readonly #marks: HTMLElement
  readonly #scratch = new OffscreenCanvas(1, 1)
  readonly #brush = this.#scratch.getContext('2d', { willReadFrequently: true })!
  /** Pixels of the canvas in one of the picture. */
  #scale = 1

  constructor(canvas: HTMLCanvasElement, marks: HTMLElement) {
    this.canvas = canvas
    this.#context = canvas.getContext('2d')!
    this.#marks = marks
  }

  get size(): Size {
    return { width: this.canvas.width, height: this.canvas.height }
  }

  /** Sets how many pixels the canvas has. Clears it where that changes. */
  resize({ width, height }: Size): void {
    if (this.canvas.width === width && this.canvas.height === height) return
    this.canvas.width = width
    this.canvas.height = height
    this.#marks.style.setProperty('--ratio', String(width / height))
  }

  /** The tiles that follow belong to a picture of that size. */
  expect({ width }: Size): void {
    this.#scale = this.canvas.width / width
    this.unmark()
  }

  /** Shows one tile, framed in a colour. */
  put({ tile, data }: Done, colour?: string): void {
    this.#scratch.width = tile.width
    this.#scratch.height = tile.height
    this.#brush.putImageData(new ImageData(data, tile.width, tile.height), 0, 0)
    // On whole pixels, so that there are no seams.
    const x = Math.floor(tile.x * this.#scale)
    const y = Math.floor(tile.y * this.#scale)
    const right = Math.ceil((tile.x + tile.width) * this.#scale)
    const bottom = Math.ceil((tile.y + tile.height) * this.#scale)
    this.#context.imageSmoothingQuality = 'medium'
    this.#context.drawImage(this.#scratch, x, y, right - x, bottom - y)
    if (colour && !isMotionReduced()) this.#mark({ x, y, width: right - x, height: bottom - y }, colour)
  }

  /** Frames no tile any more. */
  unmark(): void {
    this.#marks.replaceChildren()
  }

  /** Shows a whole picture. */
  show(image: CanvasImageSource): void {
    this.#context.drawImage(image, 0, 0, this.canvas.width, this.canvas.height)
  }

  /** Shows a picture moved by so much and larger by a factor, around the centre. */
  showMoved(image: CanvasImageSource, dx: number, dy: number, factor: number): void {
    const { width, height } = this.canvas
    this.#context.fillStyle = '#0e0a30'
    this.#context.fillRect(0, 0, width, height)
    this.#context.imageSmoothingQuality = 'low'
    this.#context.drawImage(
      image,
      (width / 2) * (1 - factor) + dx,
      (height / 2) * (1 - factor) + dy,
      width * factor,
      height * factor,
    )
  }

  /** What is shown now. */
  copy(): OffscreenCanvas {
    const copy = new OffscreenCanvas(this.canvas.width, this.canvas.height)
    copy.getContext('2d')!.drawImage(this.canvas, 0, 0)
    return copy
  }

  /**
   * Frames a part of the canvas in a colour, until some more are. Frames don't fade: without a graphics card, an animation
   * takes as much of the processors as painting does.
   */
  #mark({ x, y, width, height }: Rect, colour: string): void {
    const { children } = this.#marks
    const mark = children.length < MARKED ? document.createElement('i') : (children[0] as HTMLElement)
    const of = (part: number, whole: number): string => `${(100 * part) / whole}%`
    Object.assign(mark.style, {
      left: of(x, this.canvas.width),
      top: of(y, this.canvas.height),
      width: of(width, this.canvas.width),
      height: of(height, this.canvas.height),
      borderColor: colour,
    })
    this.#marks.append(mark)
  }
}
