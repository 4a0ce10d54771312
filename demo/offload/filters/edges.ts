import { alphaOf, channelOf } from './channel.js'
import type { Filter } from './filter.js'
import { blurred, kernel } from './gauss.js'

const RADIUS = 8
const MARGIN = RADIUS + 1
const WEIGHTS = kernel(2.8, RADIUS)

/** Sobel's operator on each channel, so that edges glow in the colours that meet there. */
export const edges: Filter = {
  title: 'Edges',
  margin: MARGIN,
  apply(source) {
    const data = alphaOf(source, MARGIN)
    const width = source.width - 2 * RADIUS
    const inner = width - 2
    for (let channel = 0; channel < 3; channel++) {
      const plane = blurred(channelOf(source, channel), source.width, source.height, WEIGHTS)
      for (let at = 0; at < data.length / 4; at++) {
        const top = Math.floor(at / inner) * width + (at % inner)
        const mid = top + width
        const low = mid + width
        const across =
          plane[top + 2]! + 2 * plane[mid + 2]! + plane[low + 2]! - plane[top]! - 2 * plane[mid]! - plane[low]!
        const down =
          plane[low]! + 2 * plane[low + 1]! + plane[low + 2]! - plane[top]! - 2 * plane[top + 1]! - plane[top + 2]!
        data[4 * at + channel] = 4 * Math.sqrt(across * across + down * down)
      }
    }
    return data
  },
}
