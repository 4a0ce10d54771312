import { element } from '../element.js'
import { count, millions, time } from './format.js'
import type { Job } from './job.js'

/** Shows how far a job is, and tells screen readers at each quarter. */
export class Progress {
  readonly #bar = element<HTMLProgressElement>('progress')
  readonly #text = element('progress-text')
  readonly #announcement = element('announcement')
  readonly #job: Job
  readonly #start = performance.now()
  #tiles = 0
  #pixels = 0
  #quarter = 0

  constructor(job: Job) {
    this.#job = job
    this.#bar.max = job.tiles.length
    this.#bar.value = 0
    this.#announcement.textContent = `Painting: ${job.title}.`
    this.#show('')
  }

  /** Milliseconds since it began. */
  get elapsed(): number {
    return performance.now() - this.#start
  }

  /** Pixels per second. */
  get speed(): number {
    return (1_000 * this.#pixels) / Math.max(1, this.elapsed)
  }

  add({ width, height }: { readonly width: number; readonly height: number }): void {
    this.#tiles++
    this.#pixels += width * height
    this.#bar.value = this.#tiles
    this.#show('')
    const quarter = Math.floor((4 * this.#tiles) / this.#job.tiles.length)
    if (quarter === this.#quarter || quarter === 4) return
    this.#quarter = quarter
    this.#announcement.textContent = `${25 * quarter} percent painted.`
  }

  /** Says how it ended. */
  end(how: string): void {
    this.#show(how)
    this.#announcement.textContent = `${how} ${this.#tiles} of ${this.#job.tiles.length} tiles.`
  }

  #show(how: string): void {
    const tiles = `${count(this.#tiles)} of ${count(this.#job.tiles.length)} tiles`
    const speed = this.#tiles > 0 ? `, ${millions(this.speed)} Mpx/s` : ''
    this.#text.textContent = `${how ? `${how} ` : ''}${tiles}, ${time(this.elapsed)}${speed}`
  }
}
