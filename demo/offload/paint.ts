import { type FilterName, filters } from './filters/index.js'
import { landscape } from './landscape.js'
import { mandelbrot, type View } from './mandelbrot.js'
import type { Pixels, Rect, Size } from './pixels.js'

/** What to paint: one tile of a picture. */
export type Work =
  | { readonly kind: 'mandelbrot'; readonly view: View; readonly size: Size; readonly tile: Rect }
  | { readonly kind: 'landscape'; readonly size: Size; readonly tile: Rect }
  | { readonly kind: 'filter'; readonly filter: FilterName; readonly source: Pixels }

/** The pixels of a tile. Workers and the main thread call the same function. */
export function paint(work: Work): Uint8ClampedArray<ArrayBuffer> {
  switch (work.kind) {
    case 'mandelbrot':
      return mandelbrot(work.view, work.size, work.tile)
    case 'landscape':
      return landscape(work.size, work.tile)
    case 'filter':
      return filters[work.filter].apply(work.source)
  }
}
