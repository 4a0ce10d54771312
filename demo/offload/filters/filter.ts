import type { Pixels } from '../pixels.js'

/** Makes another picture of a picture. */
export interface Filter {
  readonly title: string
  /** How many pixels around a pixel it looks at. */
  readonly margin: number
  /** Takes a part of a picture with the margin around it, and returns the pixels of the part. */
  apply(source: Pixels): Uint8ClampedArray<ArrayBuffer>
}
