import { type FilterName, filters } from './filters/index.js'
import { size as sizeText } from './format.js'
import type { Job } from './job.js'
import { type Opened, shownSize } from './picture-file.js'
import { cut, type Pixels, type Size, tilesOf } from './pixels.js'
import { painter } from './pool-renderer.js'
import type { Surface } from './surface.js'

/** Pixels that a picture has at most; a larger one is scaled. */
const MOST = 12_000_000
const SIDE = 192
const SAMPLE: Size = { width: 4_000, height: 3_000 }

/** The picture that filters are applied to: the sample, until the visitor gives another one. */
export class Gallery {
  readonly #surface: Surface
  readonly #original: CanvasRenderingContext2D
  #pixels: Pixels | undefined
  /** What is shown where the filter has not been yet. */
  #preview: CanvasImageSource | undefined
  #name = 'Sample picture'
  #note = ''

  /** `original` is a canvas for the picture as it is without a filter. */
  constructor(surface: Surface, original: HTMLCanvasElement) {
    this.#surface = surface
    this.#original = original.getContext('2d')!
  }

  get isEmpty(): boolean {
    return !this.#pixels
  }

  get caption(): string {
    return `${this.#name}, ${sizeText(this.#pixels ?? SAMPLE)} pixels${this.#note}.`
  }

  /** Reads a file in a worker. Rejects if it is no picture. */
  async open(file: File): Promise<void> {
    const { pixels, preview, original }: Opened = await painter.open(file, MOST)
    this.#pixels = pixels
    this.#preview = preview
    this.#name = file.name
    this.#note = original.width > pixels.width ? `, scaled from ${sizeText(original)}` : ''
  }

  /** Paints the sample. Call `hang` with the pixels when all are there. */
  sampleJob(): Job {
    this.#surface.resize(shownSize(SAMPLE))
    return {
      title: 'Sample picture',
      size: SAMPLE,
      tiles: tilesOf(SAMPLE, SIDE),
      work: (tile) => ({ kind: 'landscape', size: SAMPLE, tile }),
    }
  }

  /** The picture is what was painted last. */
  hang(pixels: Pixels): void {
    this.#pixels = pixels
    this.#preview = this.#surface.copy()
  }

  /** Shows the picture, and applies a filter to it. */
  filterJob(filter: FilterName): Job {
    const source = this.#pixels!
    this.#surface.resize(shownSize(source))
    this.#surface.show(this.#preview!)
    this.#showOriginal()
    const { title, margin } = filters[filter]
    return {
      title,
      size: { width: source.width, height: source.height },
      tiles: tilesOf(source, SIDE),
      work: (tile) => ({ kind: 'filter', filter, source: cut(source, tile, margin) }),
    }
  }

  #showOriginal(): void {
    const { canvas } = this.#original
    const { width, height } = this.#surface.size
    canvas.width = width
    canvas.height = height
    this.#original.drawImage(this.#preview!, 0, 0, width, height)
  }
}
