import { Dispatcher } from 'troupe'
import { sqlite } from 'troupe/sqlite'
import { DurableCounter } from '../durable-counter.mjs'
import { awaiting } from '../loops.mjs'
import { openFile } from './file.mjs'

export async function open() {
  const { database, remove } = openFile()
  const dispatcher = new Dispatcher({ store: sqlite(database) })
  const counter = await dispatcher.spawn(DurableCounter, { name: 'counter' })
  return {
    ask: (inFlight, total) => awaiting(() => counter.add(), inFlight, total),
    async close() {
      await dispatcher.close()
      remove()
    },
  }
}
