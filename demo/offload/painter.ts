import { Actor, transfer } from 'troupe'
import { paint, type Work } from './paint.js'
import { encode, open, type Opened } from './picture-file.js'
import type { Pixels } from './pixels.js'

export interface Painted {
  readonly data: Uint8ClampedArray<ArrayBuffer>
  /** The worker that painted it. */
  readonly by: string
}

/** Runs in each worker of the pool. */
export class Painter extends Actor {
  /** Paints one tile. Its pixels are moved to the page. */
  paint(work: Work): Painted {
    const data = paint(work)
    return transfer({ data, by: this.context.dispatcher.id }, [data.buffer])
  }

  /** Reads a picture file, scaled down to so many pixels at most. Rejects if it is no picture. */
  async open(file: Blob, most: number): Promise<Opened> {
    const opened = await open(file, most)
    return transfer(opened, [opened.pixels.data.buffer, opened.preview])
  }

  /** Makes a PNG file. */
  encode(pixels: Pixels): Promise<Blob> {
    return encode(pixels)
  }
}
