import type { Work } from './paint.js'
import type { Rect, Size } from './pixels.js'

/** A picture to paint. */
export interface Job {
  readonly title: string
  readonly size: Size
  readonly tiles: readonly Rect[]
  /** What a worker is sent for a tile; made when its turn comes. */
  work(tile: Rect): Work
}

/** One tile that is painted. */
export interface Done {
  readonly tile: Rect
  readonly data: Uint8ClampedArray<ArrayBuffer>
  /** The worker that painted it, unless the main thread did. */
  readonly by?: string
}

/** Paints a job and gives its tiles as they come, until the signal fires. */
export type Renderer = (job: Job, signal: AbortSignal) => AsyncIterable<Done>
