import type { Size } from './pixels.js'

/** Milliseconds as people read them: `17 ms`, `2.4 s`. */
export const time = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`)

/** `4,000 × 3,000`. */
export const size = ({ width, height }: Size): string => `${count(width)} × ${count(height)}`

export const count = (n: number): string => n.toLocaleString('en')

/** Millions, with as many digits as are of use: `0.42`, `3.1`, `28`. */
export const millions = (n: number): string => (n / 1e6).toFixed(n < 1e6 ? 2 : n < 1e7 ? 1 : 0)

/** `1,200`, and `3.4 × 10⁹` above a million. */
export function large(n: number): string {
  if (n < 1e6) return n < 10 ? n.toFixed(1) : count(Math.round(n))
  const power = Math.floor(Math.log10(n))
  const digits = Array.from(String(power), (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)])
  return `${(n / 10 ** power).toFixed(1)} × 10${digits.join('')}`
}
