import type { Dice } from '../random/dice.js'

/** First bytes of every kind of field. */
const BYTES = [
  0, 1, 0x7f, 0x80, 0x81, 0xbf, 0xc0, 0xc1, 0xc9, 0xca, 0xdf, 0xe0, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xff,
]
const TOKENS: readonly (() => unknown)[] = [
  () => null,
  () => undefined,
  () => true,
  () => 0,
  () => -1,
  () => 2 ** 32,
  () => Number.NaN,
  () => 10n ** 30n,
  () => '',
  () => '__proto__',
  () => ({ polluted: true }),
  () => [null, 1, [null]],
  () => new Map([['polluted', true]]),
  () => new Uint8Array(8),
  () => /a/,
  () => new Date(0),
  () => new Error('x'),
]

/** Breaks a payload in up to four places, or returns something else in its place. `earlier` is one that it may be joined with. */
export function mutate(dice: Dice, data: unknown, earlier: unknown): unknown {
  if (dice.chance(0.02)) return dice.one(TOKENS)()
  if (data instanceof Uint8Array) return mutateBytes(dice, data, earlier)
  if (!Array.isArray(data)) return data
  if (data[0] instanceof Uint8Array && dice.chance(0.7)) {
    return [mutateBytes(dice, data[0], earlier), ...(data.slice(1) as unknown[])]
  }
  return mutateList<unknown>(dice, [...(data as unknown[])], Array.isArray(earlier) ? earlier : [], () =>
    dice.one(TOKENS)(),
  )
}

function mutateBytes(dice: Dice, data: Uint8Array, earlier: unknown): Uint8Array {
  const other = earlier instanceof Uint8Array ? [...earlier] : []
  return Uint8Array.from(
    mutateList(dice, [...data], other, (byte) => {
      if (dice.chance(0.4)) return (byte ?? 0) ^ (1 << dice.below(8))
      return dice.chance(0.7) ? dice.one(BYTES) : dice.below(256)
    }),
  )
}

function mutateList<T>(dice: Dice, list: T[], other: readonly T[], another: (old: T | undefined) => T): T[] {
  for (let left = 1 + dice.below(4); left > 0; left--) {
    const at = dice.below(list.length + 1)
    const count = 1 + dice.below(4)
    switch (dice.below(7)) {
      case 0:
        list.splice(at, count)
        break
      case 1:
        list.splice(at, 0, ...list.slice(at, at + count))
        break
      case 2:
        list.splice(at, 0, another(undefined))
        break
      case 3:
        list.length = at
        break
      case 4:
        list = [...list.slice(0, at), ...other.slice(dice.below(other.length + 1))]
        break
      default:
        if (at < list.length) list[at] = another(list[at])
    }
  }
  return list
}
