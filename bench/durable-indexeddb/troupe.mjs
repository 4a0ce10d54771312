import { deleteDB } from 'idb'
import { Dispatcher } from 'troupe'
import { indexedDb } from 'troupe/indexeddb'
import { DurableCounter } from '../durable-counter.mjs'
import { awaiting } from '../loops.mjs'

export async function open() {
  const name = `durable ${Math.random()}`
  const store = indexedDb(name)
  const dispatcher = new Dispatcher({ store })
  const counter = await dispatcher.spawn(DurableCounter, { name: 'counter' })
  return {
    ask: (inFlight, total) => awaiting(() => counter.add(), inFlight, total),
    async close() {
      await dispatcher.close()
      await store.close()
      await deleteDB(name)
    },
  }
}
