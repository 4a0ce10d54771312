import { noise, roughness } from './noise.js'
import type { Rect, Size } from './pixels.js'

type Colour = readonly [red: number, green: number, blue: number]

interface Ridge {
  /** Where its valleys are, and how high it rises above them, as parts of the height. */
  readonly base: number
  readonly rise: number
  /** Peaks across the picture. */
  readonly peaks: number
  readonly colour: Colour
}

const SHORE = 0.7
const SUN = { x: 0.64, y: 0.47, radius: 0.034 }
const SKY: readonly Colour[] = [
  [38, 45, 104],
  [94, 84, 158],
  [196, 120, 158],
  [252, 170, 128],
  [255, 222, 164],
]
/** From the farthest to the nearest. */
const RIDGES: readonly Ridge[] = [
  { base: 0.66, rise: 0.34, peaks: 3, colour: [158, 122, 168] },
  { base: 0.68, rise: 0.27, peaks: 4, colour: [118, 92, 150] },
  { base: 0.7, rise: 0.2, peaks: 5, colour: [78, 66, 122] },
  { base: 0.72, rise: 0.14, peaks: 7, colour: [44, 44, 88] },
]
/** Points of an outline in the width of the picture, and the part of the width that it goes on at either side. */
const DETAIL = 4096
const MARGIN = 0.05
const outlines = RIDGES.map(({ base, rise, peaks }, n) =>
  Float64Array.from(
    { length: DETAIL * (1 + 2 * MARGIN) },
    (_, at) => base - rise * roughness((at / DETAIL - MARGIN) * peaks, 10 * n + 3, 8) ** 1.4,
  ),
)
/** Trees across the picture, and how high they are at most, as a part of its height. */
const TREES = 74
const TALLEST = 0.15
const FOREST: Colour = [20, 24, 52]
const WATER: Colour = [30, 34, 82]

/** The sample picture, a lake at dusk: the pixels of one tile of it. */
export function landscape(size: Size, tile: Rect): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(tile.width * tile.height * 4)
  let at = 0
  for (let j = 0; j < tile.height; j++)
    for (let i = 0; i < tile.width; i++) {
      const x = (tile.x + i) / size.width
      const y = (tile.y + j) / size.height
      const [red, green, blue] = y < SHORE ? land(x, y) : lake(x, y)
      // Grain, as a photograph has.
      const grain = 10 * (noise((tile.x + i) / 1.7, (tile.y + j) / 1.7) - 0.5)
      data[at++] = red + grain
      data[at++] = green + grain
      data[at++] = blue + grain
      data[at++] = 255
    }
  return data
}

function land(x: number, y: number): Colour {
  if (y > SHORE - TALLEST && y > SHORE - treeHeight(x)) return mix(FOREST, [70, 66, 104], 0.5 * noise(x * 900, y * 420))
  for (let n = RIDGES.length - 1; n >= 0; n--) {
    const { rise, colour } = RIDGES[n]!
    const top = topOf(n, x)
    if (y < top) continue
    // Lighter in the haze of the valleys, and on slopes that face the sun.
    const depth = Math.min(1, (y - top) / rise)
    const slope = roughness(x * 34 + n * 9, y * 26 - x * 12, 5) - 0.5
    const light = 0.9 + 0.7 * slope * (1 - depth) + 0.18 * depth
    return mix([colour[0] * light, colour[1] * light, colour[2] * light], [240, 178, 160], 0.3 * depth * (1 - n / 5))
  }
  return sky(x, y)
}

/** How high the trees at the shore are: cones of different height, fewer in the middle of the lake. */
function treeHeight(x: number): number {
  const place = x * TREES
  const here = Math.floor(place)
  let height = 0.004
  for (let tree = here - 1; tree <= here + 1; tree++) {
    const distance = Math.abs(place - tree - 0.2 - 0.6 * noise(tree, 7))
    // Branches in steps.
    const cone = 1 - distance * (1.5 + 0.5 * noise(tree, 3)) - 0.09 * noise(place * 9, tree)
    const grove = Math.max(0, 1.7 * noise(tree / 9, 20) - 0.55) * (0.6 + 0.4 * noise(tree, 5))
    height = Math.max(height, 0.12 * grove * cone)
  }
  return height
}

/** Where a ridge begins at a place across the picture. */
function topOf(ridge: number, x: number): number {
  const tops = outlines[ridge]!
  const place = Math.min(Math.max((x + MARGIN) * DETAIL, 0), tops.length - 2)
  const before = Math.floor(place)
  return tops[before]! + (tops[before + 1]! - tops[before]!) * (place - before)
}

function sky(x: number, y: number): Colour {
  const place = Math.min(0.999, y / 0.62) * (SKY.length - 1)
  const base = mix(SKY[Math.floor(place)]!, SKY[Math.floor(place) + 1]!, place % 1)
  const clouds = Math.max(0, roughness(x * 5 + 40, y * 22 + 5, 4) - 0.5) * 2.2
  const cloudy = mix(base, [255, 190, 170], Math.min(0.75, clouds * (0.4 + y)))
  const distance = Math.hypot((x - SUN.x) * (4 / 3), y - SUN.y)
  if (distance < SUN.radius) return [255, 246, 220]
  return mix(cloudy, [255, 232, 180], Math.exp(-(distance - SUN.radius) * 9) * 0.85)
}

/** The land upside down, in waves that grow towards the viewer. */
function lake(x: number, y: number): Colour {
  const depth = (y - SHORE) / (1 - SHORE)
  const wave = roughness(x * (26 - 16 * depth), 160 * Math.sqrt(depth), 3) - 0.5
  const [red, green, blue] = land(x + 0.03 * wave * depth, SHORE - (y - SHORE) * 1.25 - 0.05 * wave * (0.2 + depth))
  const glitter = Math.exp(-(((x - SUN.x) / (0.03 + 0.1 * depth)) ** 2)) * Math.max(0, wave - 0.08) * 560
  const [r, g, b] = mix([red, green, blue], WATER, 0.25 + 0.45 * depth)
  return [r + glitter, g + glitter * 0.78, b + glitter * 0.5]
}

const mix = (one: Colour, other: Colour, part: number): Colour => [
  one[0] + (other[0] - one[0]) * part,
  one[1] + (other[1] - one[1]) * part,
  one[2] + (other[2] - one[2]) * part,
]
