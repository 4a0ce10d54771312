import type { Pixels } from '../pixels.js'

/** One channel of a picture: 0 red, 1 green, 2 blue, 3 alpha. From 0 to 255. */
export function channelOf({ data }: Pixels, channel: number): Float32Array {
  const plane = new Float32Array(data.length / 4)
  for (let n = 0; n < plane.length; n++) plane[n] = data[4 * n + channel]!
  return plane
}

/** How light each pixel is, from 0 to 255. */
export function lightnessOf({ data }: Pixels): Float32Array {
  const plane = new Float32Array(data.length / 4)
  for (let n = 0; n < plane.length; n++)
    plane[n] = 0.299 * data[4 * n]! + 0.587 * data[4 * n + 1]! + 0.114 * data[4 * n + 2]!
  return plane
}

/** Pixels for the middle of a picture that have its alpha and no colour yet. */
export function alphaOf({ width, height, data }: Pixels, margin: number): Uint8ClampedArray<ArrayBuffer> {
  const inner = width - 2 * margin
  const pixels = new Uint8ClampedArray(inner * (height - 2 * margin) * 4)
  for (let at = 0; at < pixels.length / 4; at++) {
    const y = Math.floor(at / inner) + margin
    const x = (at % inner) + margin
    pixels[4 * at + 3] = data[4 * (y * width + x) + 3]!
  }
  return pixels
}
