import { alphaOf } from './channel.js'
import type { Filter } from './filter.js'

const RADIUS = 16
/** Only some of the pixels around are looked at: a brush stroke is seen in a large picture, at the cost of a small one. */
const STRIDE = 4
const SECTORS = 8

/** The pixels around one, as steps to the right and down: eight sectors of a disc, each with the pixel itself. */
const sectors: readonly (readonly (readonly [number, number])[])[] = Array.from({ length: SECTORS }, (_, sector) => {
  const steps: [number, number][] = [[0, 0]]
  for (let y = -RADIUS; y <= RADIUS; y += STRIDE)
    for (let x = -RADIUS; x <= RADIUS; x += STRIDE) {
      const turn = (Math.atan2(y, x) / (2 * Math.PI) + 1 + 0.5 / SECTORS) % 1
      if ((x !== 0 || y !== 0) && Math.hypot(x, y) <= RADIUS && Math.floor(turn * SECTORS) === sector)
        steps.push([x, y])
    }
  return steps
})

/** Kuwahara's filter: each pixel gets the colour of the sectors around it that have the least contrast. */
export const oil: Filter = {
  title: 'Oil paint',
  margin: RADIUS,
  apply(source) {
    const { width, data: from } = source
    const data = alphaOf(source, RADIUS)
    const inner = width - 2 * RADIUS
    const offsets = sectors.map((steps) => Int32Array.from(steps, ([x, y]) => 4 * (y * width + x)))
    for (let at = 0; at < data.length; at += 4) {
      const pixel = at / 4
      const centre = 4 * ((Math.floor(pixel / inner) + RADIUS) * width + (pixel % inner) + RADIUS)
      let red = 0
      let green = 0
      let blue = 0
      let total = 0
      for (const steps of offsets) {
        let r = 0
        let g = 0
        let b = 0
        let squares = 0
        for (let n = 0; n < steps.length; n++) {
          const place = centre + steps[n]!
          const one = from[place]!
          const two = from[place + 1]!
          const three = from[place + 2]!
          r += one
          g += two
          b += three
          squares += one * one + two * two + three * three
        }
        const count = steps.length
        const variance = squares / count - (r * r + g * g + b * b) / (count * count)
        const weight = 1 / (1 + variance) ** 4
        red += (weight * r) / count
        green += (weight * g) / count
        blue += (weight * b) / count
        total += weight
      }
      data[at] = red / total
      data[at + 1] = green / total
      data[at + 2] = blue / total
    }
    return data
  },
}
