// A node of cluster.mjs: a process that runs ledgers, which are stored in Redis.
import { createClient } from 'redis'
import { Actor, Dispatcher } from 'troupe'
import { durable } from 'troupe/durable'
import { redis, redisStore } from 'troupe/redis'
import { sharded } from 'troupe/sharded'

/** Counts entries, and checks that those of each caller come in their order, each once. */
class Ledger extends Actor {
  static durable = durable({ window: 10_000 })
  #state = { entries: 0, last: {}, faults: [] }
  snapshot() {
    return this.#state
  }
  restore(state) {
    this.#state = state
  }
  enter(caller, number) {
    const { last, faults } = this.#state
    if (number <= (last[caller] ?? 0)) faults.push(`${caller}: ${number} after ${last[caller]}`)
    last[caller] = number
    return ++this.#state.entries
  }
  state() {
    return this.#state
  }
}

/** Joins the cluster. A node that says nothing for `lease` ms is gone. */
export async function joinCluster({ port, lease }, id, isCaller) {
  const socket = { reconnectStrategy: () => 50 }
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket, disableOfflineQueue: true })
  client.on('error', () => {})
  await client.connect()
  const limits = { trusted: { heartbeat: lease / 2 } }
  const log = () => {}
  const dispatcher = new Dispatcher({ id, limits, log, ...(!isCaller && { store: redisStore(client) }) })
  await dispatcher.join(redis(client))
  return { client, dispatcher, ledgers: sharded(dispatcher, isCaller ? 'Ledger' : Ledger) }
}

if (process.send) {
  const [place, id] = process.argv.slice(2)
  await joinCluster(JSON.parse(place), id, false)
  process.send('ready')
  process.once('disconnect', () => process.exit())
}
