import { deleteDB, openDB } from 'idb'
import { stateOf } from '../durable-state.mjs'

export async function open() {
  const name = `raw ${Math.random()}`
  const database = await openDB(name, 1, { upgrade: (opened) => void opened.createObjectStore('state') })
  let count = 0
  return {
    async ask(inFlight, total) {
      for (let left = total; left > 0; left -= inFlight) {
        const transaction = database.transaction('state', 'readwrite', { durability: 'strict' })
        for (let n = 0; n < inFlight; n++) void transaction.store.put(stateOf(++count), 'state')
        await transaction.done
      }
    },
    async close() {
      database.close()
      await deleteDB(name)
    },
  }
}
