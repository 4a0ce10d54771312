import type { Store } from 'troupe/durable'
import { indexedDb } from 'troupe/indexeddb'

const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value)
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Bytes of each of the two records that a commit of `record` writes beside the count. */
const SIZE = 2_000
const key = (name: string, n: number): string => `log/${name}/${String(n).padStart(7, '0')}`

/** How a call failed. */
interface Failure {
  readonly code: string
  readonly ran: string
  readonly cause: string
}

/** What tests do in the page, on `window.stores`. */
class Stores {
  readonly #store: Store = indexedDb('e2e')
  readonly #hasty: Store = indexedDb('e2e', { timeout: 1_000 })

  /** Commits numbers without end, each with what it expects and in several records, and reports each that was made. */
  async record(name: string): Promise<void> {
    let value: Uint8Array | undefined
    for (let n = 1; ; n++) {
      const next = bytes(String(n))
      const [made] = await this.#store.commit([
        {
          expected: { key: `count/${name}`, value },
          changes: [
            { key: `count/${name}`, value: next },
            { key: `${key(name, n)}/a`, value: bytes(String(n).padEnd(SIZE, 'a')) },
            { key: `${key(name, n)}/b`, value: bytes(String(n).padEnd(SIZE, 'b')) },
          ],
        },
      ])
      if (!made) throw new Error(`commit ${n} was refused`)
      value = next
      window.report(n)
    }
  }

  /** What is wrong with the records of `record`, and how many there are. */
  async check(name: string): Promise<{ count: number; faults: string[] }> {
    const [counted] = (await this.#store.read('count/')).filter(({ key }) => key === `count/${name}`)
    const count = counted ? Number(text(counted.value)) : 0
    const records = await this.#store.read(`log/${name}/`)
    const faults = records.length === 2 * count ? [] : [`${records.length} records of ${count} commits`]
    for (const [place, record] of records.entries()) {
      const n = 1 + (place >> 1)
      const part = place & 1 ? 'b' : 'a'
      if (record.key !== `${key(name, n)}/${part}` || text(record.value) !== String(n).padEnd(SIZE, part))
        faults.push(`the record ${record.key} is not what was committed`)
    }
    return { count, faults }
  }

  /** Adds one to a count so many times, beside others that do so. Returns how often another was faster. */
  async increment(times: number): Promise<number> {
    let refused = 0
    for (let done = 0; done < times;) {
      const [record] = await this.#store.read('shared/')
      const value = bytes(String(Number(text(record?.value)) + 1))
      const commit = {
        expected: { key: 'shared/count', value: record?.value },
        changes: [{ key: 'shared/count', value }],
      }
      if ((await this.#store.commit([commit]))[0]) done++
      else refused++
    }
    return refused
  }

  async count(): Promise<number> {
    return Number(text((await this.#store.read('shared/'))[0]?.value))
  }

  /** Puts one record of so many random bytes. */
  put(name: string, size: number): Promise<Failure | 'made'> {
    const value = new Uint8Array(size)
    for (let from = 0; from < size; from += 65_536) crypto.getRandomValues(value.subarray(from, from + 65_536))
    return outcome(this.#store.commit([{ changes: [{ key: `large/${name}`, value }] }]))
  }

  /** The names and sizes of those records. */
  async sizes(): Promise<string[]> {
    return (await this.#store.read('large/')).map(({ key, value }) => `${key} ${value.length}`)
  }

  /** Milliseconds that one commit takes until it is made, or fails as it waited for a second. */
  async wait(): Promise<{ ms: number; outcome: Failure | 'made' }> {
    const start = performance.now()
    const waited = await outcome(this.#hasty.commit([{ changes: [{ key: 'wait/one', value: bytes(String(start)) }] }]))
    return { ms: performance.now() - start, outcome: waited }
  }
}

const outcome = (promise: Promise<unknown>): Promise<Failure | 'made'> =>
  promise.then(
    () => 'made',
    ({ code, ran, cause }: { code: string; ran: string; cause?: Error }) => ({ code, ran, cause: cause?.name ?? '' }),
  )

declare global {
  interface Window {
    stores: Stores
    report(n: number): void
  }
}
window.stores = new Stores()
