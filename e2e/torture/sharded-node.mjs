// A node of sharded.mjs: a process that runs boxes, or with the argument 'caller' calls them as its parent says.
import { createClient } from 'redis'
import { Actor, Dispatcher } from 'troupe'
import { durable } from 'troupe/durable'
import { redis } from 'troupe/redis'
import { sharded } from 'troupe/sharded'
import { openSqlite } from './open-sqlite.mjs'

class Box extends Actor {
  static durable = durable()
  #count = 0
  snapshot() {
    return this.#count
  }
  restore(count) {
    this.#count = count
  }
  add() {
    return ++this.#count
  }
}

/** Joins the cluster. A node that says nothing for `lease` ms is gone. */
export async function joinCluster({ port, file, lease }, id, isCaller) {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true })
  client.on('error', () => {})
  await client.connect()
  const limits = { trusted: { heartbeat: lease / 2 } }
  const dispatcher = new Dispatcher({ id, limits, ...(!isCaller && { store: openSqlite(file) }) })
  await dispatcher.join(redis(client))
  return { client, dispatcher, boxes: sharded(dispatcher, isCaller ? 'Box' : Box) }
}

if (process.send) {
  const [place, id] = process.argv.slice(2)
  await joinCluster(JSON.parse(place), id, false)
  process.send('ready')
  process.once('disconnect', () => process.exit())
}
