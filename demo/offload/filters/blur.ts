import type { Filter } from './filter.js'
import { blurred, kernel } from './gauss.js'
import { alphaOf, channelOf } from './channel.js'

const MARGIN = 24
const WEIGHTS = kernel(9, MARGIN)

/** A Gaussian blur. */
export const blur: Filter = {
  title: 'Blur',
  margin: MARGIN,
  apply(source) {
    const { width, height } = source
    const data = alphaOf(source, MARGIN)
    for (let channel = 0; channel < 3; channel++) {
      const plane = blurred(channelOf(source, channel), width, height, WEIGHTS)
      for (let n = 0; n < plane.length; n++) data[4 * n + channel] = plane[n]!
    }
    return data
  },
}
