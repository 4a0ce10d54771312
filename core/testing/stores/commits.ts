import { alike, assert, equal } from '../expect.js'
import { bytes, holds, put, remove, shown, type StoreCase } from './case.js'

/** What commits change, and what they depend on. */
export const commits: readonly StoreCase[] = [
  [
    'reads what was committed by prefix, in the order of keys',
    async ({ open }) => {
      const store = open()
      await holds(store, 'a/')
      alike(await store.commit([]), [])
      const keys = ['b/1', 'a/2', 'a/10', 'a', 'a0', 'a/', 'aa/1', 'a/1/x', 'A/1', 'a.', 'a/~']
      alike(
        await store.commit(keys.map((key, place) => ({ changes: [put(key, place)] }))),
        keys.map(() => true),
      )
      await holds(store, 'a/', 'a/ 5', 'a/1/x 7', 'a/10 2', 'a/2 1', 'a/~ 10')
      await holds(store, 'a/1/', 'a/1/x 7')
      await holds(store, 'c/')
    },
  ],
  [
    'puts, replaces and removes records, the last change of a key last',
    async ({ open }) => {
      const store = open()
      await store.commit([{ changes: [put('r/a', 1), put('r/b', 1), put('r/c', 1), remove('r/none')] }])
      await store.commit([{ changes: [put('r/a', 2), remove('r/b'), put('r/c', 2), put('r/c', 3)] }])
      await holds(store, 'r/', 'r/a 2', 'r/c 3')
      await store.commit([
        { changes: [put('r/a', 4), remove('r/a')] },
        { changes: [remove('r/c')] },
        { changes: [put('r/c', 5)] },
      ])
      await holds(store, 'r/', 'r/c 5')
    },
  ],
  [
    'makes a commit only where the record is as expected',
    async ({ open }) => {
      const store = open()
      const attempt = async (value: Uint8Array | undefined): Promise<boolean> => {
        const [made] = await store.commit([
          { expected: { key: 'e/k', value }, changes: [put('e/n', 1), remove('e/m')] },
        ])
        return made!
      }
      await store.commit([{ changes: [put('e/m', 9)] }])
      equal(await attempt(bytes(1)), false, 'expected, and absent')
      await store.commit([{ changes: [put('e/k', 1, 2)] }])
      for (const wrong of [undefined, bytes(), bytes(1), bytes(1, 3), bytes(1, 2, 0)])
        equal(await attempt(wrong), false, `another one expected: ${wrong?.join()}`)
      await holds(store, 'e/', 'e/k 1,2', 'e/m 9')
      equal(await attempt(bytes(1, 2)), true)
      await holds(store, 'e/', 'e/k 1,2', 'e/n 1')
      await store.commit([{ changes: [put('e/k')] }])
      equal(await attempt(undefined), false, 'none expected, and there without bytes')
      equal(await attempt(bytes()), true, 'no bytes expected')
      await store.commit([{ changes: [remove('e/k')] }])
      equal(await attempt(bytes()), false, 'no bytes expected, and absent')
      equal(await attempt(undefined), true, 'none expected')
    },
  ],
  [
    'makes commits where a record is absent, and leaves none there',
    async ({ open }) => {
      const store = open()
      const absent = remove('m/k')
      const commits = [
        { expected: absent, changes: [put('m/a', 1)] },
        { expected: absent, changes: [put('m/b', 1)] },
        { expected: remove('m/a'), changes: [put('m/c', 1)] },
        { changes: [remove('m/b'), put('m/d', 1)] },
      ]
      alike(await store.commit(commits), [true, true, false, true])
      await holds(store, 'm/', 'm/a 1', 'm/d 1')
      await store.commit([{ changes: [put('m/k', 1), remove('m/a')] }])
      alike(await store.commit(commits), [false, false, true, true])
      await holds(store, 'm/', 'm/c 1', 'm/d 1', 'm/k 1')
      alike(await store.commit([{ expected: remove('m/z'), changes: [put('m/z', 1), remove('m/z')] }]), [true])
      await holds(store, 'm/', 'm/c 1', 'm/d 1', 'm/k 1')
    },
  ],
  [
    'shows each commit of a call what those before it changed',
    async ({ open }) => {
      const store = open()
      const made = await store.commit([
        { expected: remove('s/k'), changes: [put('s/k', 1)] },
        { expected: put('s/k', 1), changes: [put('s/k', 2), put('s/a', 2)] },
        { expected: put('s/k', 1), changes: [put('s/k', 3), put('s/a', 3), put('s/b', 3)] },
        { expected: remove('s/b'), changes: [put('s/b', 4)] },
        { expected: put('s/a', 2), changes: [remove('s/a')] },
        { expected: remove('s/a'), changes: [put('s/c', 6)] },
        { expected: put('s/b', 5), changes: [] },
        { changes: [put('s/d', 8)] },
      ])
      alike(made, [true, true, false, true, true, true, false, true])
      await holds(store, 's/', 's/b 4', 's/c 6', 's/d 8', 's/k 2')
    },
  ],
  [
    'makes 1,000 commits in one call',
    async ({ open }) => {
      const store = open()
      const count = 1_000
      const made = await store.commit(
        Array.from({ length: count }, (_, n) => ({
          expected: n === 0 ? remove('n/count') : put('n/count', (n - 1) >> 8, (n - 1) & 255),
          changes: [put('n/count', n >> 8, n & 255), put(`n/log/${String(n).padStart(4, '0')}`, n & 255)],
        })),
      )
      equal(made.filter(Boolean).length, count, 'commits made')
      const records = await store.read('n/log/')
      alike(
        records.map(({ value }) => value[0]),
        Array.from({ length: count }, (_, n) => n & 255),
      )
      equal(shown((await store.read('n/'))[0]!), 'n/count 3,231')
    },
  ],
  [
    'shows a read all of a commit, or nothing of it',
    async ({ open }) => {
      const store = open()
      const count = 50
      for (let round = 1; round <= 20; round++) {
        const changes = Array.from({ length: count }, (_, n) => put(`w/${n}`, round))
        const reads = [store.read('w/')]
        const commit = store.commit([{ changes }])
        for (let n = 0; n < 5; n++) reads.push(store.read('w/'))
        await commit
        reads.push(store.read('w/'))
        for (const [place, records] of (await Promise.all(reads)).entries()) {
          const rounds = new Set(records.map(({ value }) => value[0]!))
          assert(rounds.size <= 1, `a read saw the rounds ${[...rounds].join()}`)
          if (place === reads.length - 1) equal([...rounds][0], round, 'the round that was made last')
          if (rounds.size > 0) equal(records.length, count, 'records of a commit')
        }
      }
    },
  ],
]
