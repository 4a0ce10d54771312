import { indexedDb as store } from 'troupe/indexeddb'

/** IndexedDB by itself and our store on it, each with a database of its own. */
export async function contenders() {
  const cart = store('troupe')
  return {
    raw: await raw(),
    troupe: { commit: (records) => cart.commit(records.map((record) => ({ changes: [record] }))) },
  }
}

/** The fewest steps that are as durable. */
async function raw() {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open('raw', 1)
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore('records'))
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })
  return {
    commit: (records) =>
      new Promise((resolve, reject) => {
        const transaction = database.transaction('records', 'readwrite', { durability: 'strict' })
        transaction.addEventListener('complete', () => resolve())
        transaction.addEventListener('abort', () => reject(transaction.error))
        const store = transaction.objectStore('records')
        for (const { key, value } of records) store.put(value, key)
        transaction.commit()
      }),
  }
}
