/** A picture: four bytes for each pixel (red, green, blue, alpha), row by row. */
export interface Pixels extends Size {
  readonly data: Uint8ClampedArray<ArrayBuffer>
}

export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Copies a part of a picture and so many pixels around it. Beyond the edges of the picture its outermost pixels are
 * repeated, so the copy always has the full margin.
 */
export function cut(source: Pixels, part: Rect, margin: number): Pixels {
  const width = part.width + 2 * margin
  const height = part.height + 2 * margin
  const from = new Uint32Array(source.data.buffer)
  const to = new Uint32Array(width * height)
  const left = part.x - margin
  const first = Math.max(0, -left)
  const last = Math.min(width, source.width - left)
  for (let y = 0; y < height; y++) {
    const row = Math.min(Math.max(part.y - margin + y, 0), source.height - 1) * source.width
    const start = y * width
    to.set(from.subarray(row + left + first, row + left + last), start + first)
    to.fill(from[row]!, start, start + first)
    to.fill(from[row + source.width - 1]!, start + last, start + width)
  }
  return { width, height, data: new Uint8ClampedArray(to.buffer) }
}

/** Copies the pixels of a part to its place in a picture. */
export function paste(target: Pixels, part: Rect, data: Uint8ClampedArray): void {
  for (let y = 0; y < part.height; y++) {
    const row = data.subarray(y * part.width * 4, (y + 1) * part.width * 4)
    target.data.set(row, ((part.y + y) * target.width + part.x) * 4)
  }
}

export const blank = ({ width, height }: Size): Pixels => ({
  width,
  height,
  data: new Uint8ClampedArray(width * height * 4),
})

/** A part of a picture, in its pixels. */
export interface Rect extends Size {
  readonly x: number
  readonly y: number
}

/** Squares that cover a picture, in the order of their distance from its centre. Those at the right and below are cut. */
export function tilesOf({ width, height }: Size, side: number): Rect[] {
  const tiles: Rect[] = []
  for (let y = 0; y < height; y += side)
    for (let x = 0; x < width; x += side)
      tiles.push({ x, y, width: Math.min(side, width - x), height: Math.min(side, height - y) })
  const distance = (tile: Rect): number =>
    Math.hypot(tile.x + tile.width / 2 - width / 2, tile.y + tile.height / 2 - height / 2)
  return tiles.sort((one, other) => distance(one) - distance(other))
}
