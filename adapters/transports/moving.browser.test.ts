import { expect, test } from 'vitest'
import { commands } from 'vitest/browser'
import { Dispatcher, info, type Proxy } from '../../core/index.js'
import { move } from '../../core/moving/index.js'
import { faults, Nomad, Sender, type Sent } from '../fixtures/nomad.js'
import { webSocket } from './websocket.js'
import { webWorker } from './web-worker.js'

const MOVES = 12
const actors = { Nomad, Sender }
type Offered = typeof actors
const make = (): Worker => new Worker(new URL('../fixtures/web.worker.ts', import.meta.url), { type: 'module' })

test(`an actor is moved ${MOVES} times between a tab, its worker and a server, while each of them calls it`, async () => {
  const url = await commands.startServer(location.origin)
  const dispatcher = new Dispatcher()
  const worker = await dispatcher.connect<Offered>(webWorker(make), { actors })
  const server = await dispatcher.connect<Offered>(webSocket(url), { actors })
  const nomad = await dispatcher.spawn(Nomad, { name: 'nomad' })
  const senders: Record<string, Proxy<Sender>> = {
    tab: await dispatcher.spawn(Sender),
    worker: await worker.spawn('Sender'),
    server: await server.spawn('Sender'),
  }
  for (const [name, sender] of Object.entries(senders)) await sender.begin(nomad, name, 4)
  for (let n = 0; n < MOVES; n++) {
    const goal = [worker, server, dispatcher, server, worker, dispatcher][n % 6]!
    await move(nomad, goal)
    expect(await info(nomad)).toMatchObject({ realm: goal.id, name: 'nomad' })
  }
  const sent: Record<string, Sent> = {}
  for (const [name, sender] of Object.entries(senders)) sent[name] = await sender.end()
  const entries = await nomad.entries()
  console.log(`${MOVES} moves, ${entries.length} calls`)
  expect(faults(entries, sent)).toEqual([])
  for (const { realms } of Object.values(sent)) expect(realms).toHaveLength(3)
  await dispatcher.close()
  await commands.killServer(url)
})
