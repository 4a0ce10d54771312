/** Random numbers from 0 up to 1 that repeat with the seed. */
export type Random = () => number

/** mulberry32: small, and good enough to choose with. */
export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What is drawn with random numbers. */
export class Dice {
  constructor(readonly random: Random) {}

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.random() * below)
  }

  /** True in that part of all cases. */
  chance(part: number): boolean {
    return this.random() < part
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!
  }
}
