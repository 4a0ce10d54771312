/** The weights of a Gaussian blur, from the centre to so many standard deviations. Together they are 1. */
export function kernel(deviation: number, radius: number): Float32Array {
  const weights = Float32Array.from({ length: 2 * radius + 1 }, (_, n) =>
    Math.exp(-((n - radius) ** 2) / (2 * deviation ** 2)),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

/** Blurs one channel by rows and then by columns. The result is smaller by the radius of the kernel on each side. */
export function blurred(plane: Float32Array, width: number, height: number, weights: Float32Array): Float32Array {
  const radius = (weights.length - 1) / 2
  const inner = width - 2 * radius
  const rows = new Float32Array(inner * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < inner; x++) {
      let sum = 0
      const start = y * width + x
      for (let n = 0; n < weights.length; n++) sum += plane[start + n]! * weights[n]!
      rows[y * inner + x] = sum
    }
  const result = new Float32Array(inner * (height - 2 * radius))
  for (let at = 0; at < result.length; at++) {
    let sum = 0
    for (let n = 0; n < weights.length; n++) sum += rows[at + n * inner]! * weights[n]!
    result[at] = sum
  }
  return result
}

/** The middle of a channel: all but so many pixels on each side. */
export function middle(plane: Float32Array, width: number, height: number, margin: number): Float32Array {
  const inner = width - 2 * margin
  const result = new Float32Array(inner * (height - 2 * margin))
  for (let y = 0; y < height - 2 * margin; y++) {
    const start = (y + margin) * width + margin
    result.set(plane.subarray(start, start + inner), y * inner)
  }
  return result
}
