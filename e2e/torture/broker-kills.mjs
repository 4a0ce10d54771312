// node broker-kills.mjs [KILLS]
// Durable actors on Redis and on NATS, whose server is killed with SIGKILL at random moments and started again. What was
// acknowledged is there, in the end also for a client that connects anew, and nothing is done twice.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@nats-io/transport-node'
import { createClient } from 'redis'
import { Actor, ask, Dispatcher, tell } from 'troupe'
import { durable } from 'troupe/durable'
import { natsLocks, natsStore } from 'troupe/nats'
import { redisLocks, redisStore } from 'troupe/redis'
import { startServer } from '../../bench/broker.mjs'

const kills = Number(process.argv[2] ?? 10)
/** Calls that are under way at a time. */
const WORKERS = 4
/** Milliseconds between two kills, at most. */
const LONGEST = 200

const ENGINES = {
  redis: {
    server: 'lasting-redis',
    async open(port) {
      const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: () => 20 } })
      client.on('error', () => {})
      await client.connect()
      return { store: redisStore(client), locks: redisLocks(client), close: async () => client.destroy() }
    },
  },
  nats: {
    server: 'lasting-nats',
    async open(port) {
      const connection = await connect({
        servers: `127.0.0.1:${port}`,
        reconnectTimeWait: 20,
        // For a server that ends while it is dialled: until then the client does not dial again.
        timeout: 1_000,
        maxReconnectAttempts: -1,
      })
      return { store: natsStore(connection), locks: natsLocks(connection), close: () => connection.close() }
    },
  },
}

class Ledger extends Actor {
  static durable = durable({ window: 10_000 })
  #entries = []
  snapshot() {
    return this.#entries
  }
  restore(entries) {
    this.#entries = entries
  }
  enter(entry) {
    // The last ones are enough: the state is written with each step.
    if (this.#entries.push(entry) > 2_000) this.#entries.shift()
  }
  entries() {
    return this.#entries
  }
}

for (const [name, engine] of Object.entries(ENGINES)) {
  const server = await startServer(engine.server)
  const { port } = server
  const begun = performance.now()
  const { store, locks, close } = await engine.open(port)
  const dispatcher = new Dispatcher({ store, log: () => {} })
  const ledger = await dispatcher.spawn(Ledger, { name: 'ledger' })
  const done = []
  let isOver = false
  const work = async (worker) => {
    for (let n = 0; !isOver; n++) {
      const key = `${worker}/${n}`
      if (n % 2 === 0) await ask(ledger, { key }).enter(key)
      else await tell(ledger, { key, ack: 'stored' }).enter(key)
      done.push(key)
    }
  }
  let token = 0
  const lock = async () => {
    while (!isOver) {
      const held = await locks.acquire('lock')
      assert(held.token > token, `the token ${held.token} came after ${token}`)
      token = held.token
      await held.release()
    }
  }
  const working = Promise.all([...Array.from({ length: WORKERS }, (_, worker) => work(worker)), lock()])
  let failure
  working.catch((error) => (failure = error))
  let inTime = 0
  for (let kill = 0; kill < kills; kill++) {
    const before = done.length
    await sleep(Math.random() * LONGEST)
    await server.restart()
    for (let waited = 0; done.length === before && waited < 10_000 && !failure; waited += 5) await sleep(5)
    if (failure) throw failure
    assert(done.length > before, `nothing was done within 10 s of the start after kill ${kill + 1}`)
    inTime++
  }
  isOver = true
  await working
  await dispatcher.close()
  await store.close()
  await close()

  const again = await engine.open(port)
  const reader = new Dispatcher({ store: again.store, log: () => {} })
  const entries = await (await reader.spawn(Ledger, { name: 'ledger' })).entries()
  assert.equal(new Set(entries).size, entries.length, 'an entry is there twice')
  const held = new Set(entries)
  // The order of those that were under way together is open.
  const lost = done.slice(-(2_000 - 2 * WORKERS)).filter((entry) => !held.has(entry))
  assert.deepEqual(lost, [], 'acknowledged, and not there')
  await reader.close()
  await again.close()
  await server.close()
  const seconds = Math.round((performance.now() - begun) / 1_000)
  console.log(
    `${name}: ${inTime} kills of the server in ${seconds} s, ${done.length} calls and messages acknowledged, none lost, none done twice`,
  )
}
