/** A number from 0 to 1 that depends on two whole numbers only. */
function hash(x: number, y: number): number {
  let h = Math.imul(x, 374_761_393) ^ Math.imul(y, 668_265_263)
  h = Math.imul(h ^ (h >>> 13), 1_274_126_177)
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
}

const ease = (t: number): number => t * t * (3 - 2 * t)

/** Smooth noise from 0 to 1 with a bump about once per unit. */
export function noise(x: number, y: number): number {
  const i = Math.floor(x)
  const j = Math.floor(y)
  const u = ease(x - i)
  const v = ease(y - j)
  const above = hash(i, j) * (1 - u) + hash(i + 1, j) * u
  const below = hash(i, j + 1) * (1 - u) + hash(i + 1, j + 1) * u
  return above * (1 - v) + below * v
}

/** Noise with finer and finer detail, from 0 to 1. */
export function roughness(x: number, y: number, octaves: number): number {
  let sum = 0
  let part = 0.5
  let total = 0
  for (let n = 0; n < octaves; n++) {
    sum += part * noise(x, y + 17 * n)
    total += part
    part /= 2
    x *= 2
    y *= 2
  }
  return sum / total
}
