/** Commits that a call makes. */
export const SIZES = [1, 100]
/** Records that are written over again and again. */
const KEYS = 1_000
/** Bytes of a record. */
const BYTES = 200

/**
 * Durable commits per second of a contender: `commit(records)` makes each record a commit of its own, all in one call. The
 * records differ each time, as SQLite does not write what is there already.
 */
export async function rateOf({ commit }, size, duration) {
  let n = 0
  const start = performance.now()
  for (;;) {
    const records = []
    for (let left = size; left > 0; left--, n++) {
      const value = new Uint8Array(BYTES).fill(n)
      new DataView(value.buffer).setFloat64(0, start + n)
      records.push({ key: `cart/${n % KEYS}`, value })
    }
    await commit(records)
    const seconds = (performance.now() - start) / 1_000
    if (seconds >= duration) return n / seconds
  }
}
