import type { Store } from '../ground/store.js'
import { equal } from './expect.js'
import type { StorePlace } from './stores/case.js'
import { storeCases } from './stores/index.js'
import type { Runner, Skip } from './test-transport.js'

/** The argument of `testStore`. */
export interface StoreTest {
  /** The name of the suite. */
  readonly name: string
  /** Makes a fresh place for records. Called before each test. */
  readonly open: () => StorePlace | Promise<StorePlace>
  /** Tests that the store can't pass, with the reasons. */
  readonly skip?: readonly Skip[]
  /** The globals `describe` and `test` unless given. */
  readonly runner?: Runner
}

/** Defines the conformance suite that every store must pass, as tests of the runner. */
export function testStore({ name, open, skip = [], runner = globalThis as unknown as Runner }: StoreTest): void {
  const { describe, test } = runner
  const skipped = new Map(skip.flatMap(({ reason, tests }) => tests.map((title) => [title, reason] as const)))
  describe(`${name} conforms`, () => {
    for (const [title, body] of storeCases) {
      const reason = skipped.get(title)
      skipped.delete(title)
      const check = (): Promise<void> => withPlace(open, body)
      if (reason === undefined) test(title, check, 30_000)
      else test.skip(`${title} (${reason})`, check)
    }
    test('skips name real tests', async () => equal([...skipped.keys()].join(), '', 'unknown names in skip'))
  })
}

async function withPlace(open: StoreTest['open'], body: (place: StorePlace) => Promise<void>): Promise<void> {
  const place = await open()
  const stores: Store[] = []
  try {
    await body({
      open() {
        const store = place.open()
        stores.push(store)
        return store
      },
    })
  } finally {
    await Promise.all(stores.map((store) => store.close()))
    await place.dispose?.()
  }
}
