/** How many colours a cycle of the palette has. */
export const COLOURS = 2048

/** The colours that a cycle goes through: where, from 0 to 1, and red, green and blue. The last leads to the first. */
const STOPS = [
  [0, 14, 10, 48],
  [0.14, 49, 46, 168],
  [0.3, 139, 132, 255],
  [0.43, 240, 238, 255],
  [0.53, 255, 214, 130],
  [0.66, 222, 110, 48],
  [0.8, 110, 22, 62],
  [1, 14, 10, 48],
] as const

/** Red, green and blue of each colour, one after the other. */
export const palette: Uint8ClampedArray = make()

function make(): Uint8ClampedArray {
  const colours = new Uint8ClampedArray(COLOURS * 3)
  for (let n = 0; n < COLOURS; n++) {
    const place = n / COLOURS
    const after = STOPS.findIndex(([start]) => start > place)
    const [from, to] = [STOPS[after - 1]!, STOPS[after]!]
    const part = (place - from[0]) / (to[0] - from[0])
    const eased = part * part * (3 - 2 * part)
    for (let channel = 0; channel < 3; channel++)
      colours[3 * n + channel] = from[channel + 1]! + eased * (to[channel + 1]! - from[channel + 1]!)
  }
  return colours
}
