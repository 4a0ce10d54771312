/**
 * Makes a list of choices that fails shorter and plainer: takes parts of it away, and puts 0 in the place of others, as
 * long as it fails. `fails` is called at most `tries` times.
 */
export async function shrink(
  choices: readonly number[],
  fails: (choices: readonly number[]) => Promise<boolean>,
  tries: number,
): Promise<readonly number[]> {
  let best = trimmed(choices)
  let left = tries
  const attempt = async (candidate: readonly number[]): Promise<boolean> => {
    if (left <= 0) return false
    left--
    if (!(await fails(candidate))) return false
    best = trimmed(candidate)
    return true
  }
  for (let isBetter = true; isBetter && left > 0;) {
    isBetter = false
    for (let size = Math.max(1, best.length >> 1); size >= 1 && left > 0; size >>= 1) {
      for (let start = 0; start < best.length && left > 0;) {
        const end = start + size
        const part = best.slice(start, end)
        const isGone = await attempt([...best.slice(0, start), ...best.slice(end)])
        const isPlain =
          !isGone &&
          part.some((each) => each > 0) &&
          (await attempt([...best.slice(0, start), ...part.map(() => 0), ...best.slice(end)]))
        isBetter ||= isGone || isPlain
        if (!isGone) start = end
      }
    }
  }
  return best
}

/** After the last choice, 0 is chosen anyway. */
function trimmed(choices: readonly number[]): readonly number[] {
  let { length } = choices
  while (length > 0 && choices[length - 1] === 0) length--
  return choices.slice(0, length)
}
