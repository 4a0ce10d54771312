import { alphaOf, lightnessOf } from './channel.js'
import type { Filter } from './filter.js'
import { blurred, kernel, middle } from './gauss.js'

const RADIUS = 14
const FINE_RADIUS = 7
const FINE = kernel(2.2, FINE_RADIUS)
const COARSE = kernel(4.4, RADIUS)
/** How much darker than around it a place is where a line is drawn, and how hard the line is. */
const SHARPNESS = 14
const THRESHOLD = 96
const HARDNESS = 0.012
const PAPER = [250, 246, 236] as const
const INK = [38, 34, 66] as const

/** Lines where a picture is darker than around, by the difference of two Gaussian blurs, with the tone of the picture. */
export const pencil: Filter = {
  title: 'Pencil',
  margin: RADIUS,
  apply(source) {
    const { width, height } = source
    const data = alphaOf(source, RADIUS)
    const lightness = lightnessOf(source)
    const coarse = blurred(lightness, width, height, COARSE)
    const cut = RADIUS - FINE_RADIUS
    const fine = middle(blurred(lightness, width, height, FINE), width - 2 * FINE_RADIUS, height - 2 * FINE_RADIUS, cut)
    for (let at = 0; at < coarse.length; at++) {
      const sharp = fine[at]! + SHARPNESS * (fine[at]! - coarse[at]!)
      const line = sharp >= THRESHOLD ? 1 : 1 + Math.tanh(HARDNESS * (sharp - THRESHOLD))
      const light = line * (0.72 + (0.28 * coarse[at]!) / 255)
      for (let channel = 0; channel < 3; channel++)
        data[4 * at + channel] = INK[channel]! + (PAPER[channel]! - INK[channel]!) * light
    }
    return data
  },
}
