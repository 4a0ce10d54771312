import { deleteDB } from 'idb'
import { beforeEach, describe, test, vi } from 'vitest'
import { testStore } from '../../core/testing/index.js'
import { indexedDb } from './indexeddb.js'

// As in Firefox: a request that fails does not undo a transaction that was told to commit before. In a file of its own, since the
// store asks the platform once.
beforeEach(() => {
  vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
    this.addEventListener('error', (event) => event.preventDefault())
    this.abort = () => {
      throw new DOMException('it was told to commit', 'InvalidStateError')
    }
  })
})

let count = 0
testStore({
  name: 'indexedDb(), where a failed request does not undo what was told to commit,',
  runner: { describe, test },
  open: () => {
    const place = `undone ${count++}`
    return { open: () => indexedDb(place), dispose: () => deleteDB(place) }
  },
})
