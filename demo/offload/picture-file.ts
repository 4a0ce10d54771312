import type { Pixels, Size } from './pixels.js'

export interface Opened {
  readonly pixels: Pixels
  /** The picture in the size that is shown. */
  readonly preview: ImageBitmap
  /** Its size before it was scaled. */
  readonly original: Size
}

/** The longer side of a preview. */
const SHOWN = 1600

/** Reads a picture file, scaled down to so many pixels at most. */
export async function open(file: Blob, most: number): Promise<Opened> {
  const image = await createImageBitmap(file)
  const original = { width: image.width, height: image.height }
  const { width, height } = scaled(original, Math.sqrt(most / (image.width * image.height)))
  const context = contextFor({ width, height })
  context.drawImage(image, 0, 0, width, height)
  image.close()
  const { data } = context.getImageData(0, 0, width, height)
  const preview = contextFor(shownSize({ width, height }))
  preview.drawImage(context.canvas, 0, 0, preview.canvas.width, preview.canvas.height)
  return { pixels: { width, height, data }, preview: preview.canvas.transferToImageBitmap(), original }
}

/** Makes a PNG file. */
export function encode({ width, height, data }: Pixels): Promise<Blob> {
  const context = contextFor({ width, height })
  context.putImageData(new ImageData(data, width, height), 0, 0)
  return context.canvas.convertToBlob()
}

/** The size in which a picture is shown. */
export const shownSize = (size: Size): Size => scaled(size, SHOWN / Math.max(size.width, size.height))

/** Never larger than it is. */
const scaled = ({ width, height }: Size, factor: number): Size => ({
  width: Math.max(1, Math.round(width * Math.min(1, factor))),
  height: Math.max(1, Math.round(height * Math.min(1, factor))),
})

function contextFor({ width, height }: Size): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!
  context.imageSmoothingQuality = 'high'
  return context
}
