import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { firstMember, Probe, type Subject, testTransport } from '../../core/testing/index.js'
import { type Client, connectTo } from '../fixtures/broker-clients.js'
import { LIBRARIES, type Library } from '../fixtures/clients.js'
import { type BrokerServer, startBroker } from '../fixtures/broker-server.js'

const file = new URL('../../.cache/fixtures/broker-member.mjs', import.meta.url)
let buses = 0

describe.each(Object.keys(LIBRARIES) as Library[])('%s', (library) => {
  let server: BrokerServer
  beforeAll(async () => void (server = await startBroker(LIBRARIES[library])))
  afterAll(() => server.dispose())

  const client = (prefix: string): Promise<Client> => connectTo(library, server.port, { prefix })

  async function open(): Promise<Subject> {
    const prefix = `bus-${buses++}`
    const thread = new Worker(file, { workerData: { library, port: server.port, options: { prefix } } })
    await once(thread, 'message')
    const own = await client(prefix)
    const crash = async (): Promise<void> => void (await thread.terminate())
    return {
      connector: firstMember(own.bus),
      crash,
      dispose: async () => void (await Promise.all([crash(), own.close()])),
    }
  }

  // A process that dies is noticed by the heartbeat, a short one here.
  testTransport({
    name: library,
    runner: { describe, test },
    open,
    limits: { trusted: { heartbeat: 1_000 } },
    skip: [
      {
        reason: 'what is sent in one turn leaves at its end, with one publish',
        tests: ['reads what has come while the thread was busy before a deadline counts'],
      },
    ],
  })

  test('links all members, finds names at once, and leaves the client of the user alone', async () => {
    const prefix = `bus-${buses++}`
    const clients = await Promise.all([client(prefix), client(prefix), client(prefix)])
    const realms = ['a', 'b', 'c'].map((id) => new Dispatcher({ id }))
    for (const [n, realm] of realms.entries()) {
      await realm.spawn(Probe, { name: `probe ${realm.id}` })
      await realm.join(clients[n]!.bus)
    }
    for (const realm of realms)
      for (const { id } of realms) expect(await (await realm.lookup<Probe>(`probe ${id}`))!.add(1, 2)).toBe(3)
    await Promise.all(realms.map((realm) => realm.close()))
    for (const each of clients) {
      await each.ping()
      await each.close()
    }
  })
})
