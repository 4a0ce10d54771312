import { alike, equal, rejects } from '../expect.js'
import { bytes, holds, put, remove, type StoreCase } from './case.js'

const RACES = 500

/** What several stores of one place see of each other, at once and one after the other. */
export const sharing: readonly StoreCase[] = [
  [
    'shows two stores of one place the commits of each other',
    async ({ open }) => {
      const [one, other] = [open(), open()]
      await one.commit([{ changes: [put('t/a', 1)] }])
      await holds(other, 't/', 't/a 1')
      alike(await other.commit([{ expected: put('t/a', 1), changes: [put('t/a', 2)] }]), [true])
      alike(await one.commit([{ expected: put('t/a', 1), changes: [put('t/a', 3)] }]), [false])
      await holds(one, 't/', 't/a 2')
      await one.close()
      alike(await other.commit([{ changes: [remove('t/a')] }]), [true])
      await holds(other, 't/')
    },
  ],
  [
    `makes exactly one of two commits that race, ${RACES} times`,
    async ({ open }) => {
      const stores = [open(), open()]
      await stores[0]!.commit([{ changes: [put('x/k')] }])
      let last = bytes()
      for (let race = 1; race <= RACES; race++) {
        const values = stores.map((_, place) => bytes(place, race >> 8, race & 255))
        const started = stores.map((store, place) =>
          store.commit([{ expected: { key: 'x/k', value: last }, changes: [{ key: 'x/k', value: values[place]! }] }]),
        )
        const made = (await Promise.all(started)).flat()
        equal(made.filter(Boolean).length, 1, `commits made in race ${race}`)
        last = values[made.indexOf(true)]!
        if (race % 50 === 0) for (const store of stores) await holds(store, 'x/', `x/k ${last.join()}`)
      }
    },
  ],
  [
    `makes exactly one of two commits that race for a record that is absent, ${RACES} times`,
    async ({ open }) => {
      const stores = [open(), open()]
      for (let race = 1; race <= RACES; race++) {
        const key = `q/${String(race).padStart(4, '0')}`
        const started = stores.map((store, place) =>
          store.commit([
            { expected: remove(key), changes: [put(key, place)] },
            { expected: put(key, place), changes: [] },
          ]),
        )
        const plain = stores.map((store, place) =>
          store.commit([{ expected: remove(`${key}/x`), changes: [put(`${key}/x`, place), put(`${key}/y`, place)] }]),
        )
        const made = (await Promise.all(started)).flat()
        equal(made.filter(Boolean).length, 2, `commits made in race ${race}`)
        const alone = (await Promise.all(plain)).flat()
        equal(alone.filter(Boolean).length, 1, `commits alone in their call made in race ${race}`)
        if (race % 50 > 0) continue
        const winner = alone.indexOf(true)
        for (const store of stores) await holds(store, `${key}/`, `${key}/x ${winner}`, `${key}/y ${winner}`)
      }
    },
  ],
  [
    'finds all of it when it is opened again',
    async ({ open }) => {
      const first = open()
      await first.commit([{ changes: [put('r/a', 1), put('r/b')] }, { changes: [remove('r/a')] }])
      await first.close()
      const second = open()
      await holds(second, 'r/', 'r/b ')
      alike(await second.commit([{ expected: put('r/b'), changes: [put('r/a', 2)] }]), [true])
      await second.close()
      await holds(open(), 'r/', 'r/a 2', 'r/b ')
    },
  ],
  [
    'rejects calls after it was closed',
    async ({ open }) => {
      for (const wasUsed of [true, false]) {
        const store = open()
        if (wasUsed) await store.commit([{ changes: [put('z/a', 1)] }])
        await store.close()
        equal((await rejects(store.read('z/'), 'stored-failed')).ran, 'no')
        equal((await rejects(store.commit([{ changes: [put('z/b', 1)] }]), 'stored-failed')).ran, 'no')
        await store.close()
      }
    },
  ],
  [
    'finishes or rejects what is under way when it is closed',
    async ({ open }) => {
      const store = open()
      const started = [store.commit([{ changes: [put('y/a', 1)] }]), store.read('y/')]
      await store.close()
      for (const outcome of await Promise.allSettled<unknown>(started))
        if (outcome.status === 'rejected') await rejects(Promise.reject(outcome.reason as Error), 'stored-failed')
    },
  ],
]
