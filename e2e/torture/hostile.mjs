// node hostile.mjs SECONDS PEERS [ATTACK]
// Hostile peers attack a server, one kind of attack after the other. A neighbour calls the server meanwhile, over a link of its
// own. Memory of the server stays bounded, nothing of the attackers is left, and the neighbour goes on.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Dispatcher, ask } from 'troupe'
import { webSocket } from 'troupe/websocket'

const [seconds = 10, peers = 1] = process.argv.slice(2, 4).map(Number)
const only = process.argv[4]
/** Megabytes that the attackers may cost, for each of them, and all together. */
const MOST = 512
/** Milliseconds that a neighbour may wait, in the median. */
const SOON = 250
const ATTACKS = [
  'never reads',
  'pings',
  'one-way',
  'one-way, within the window',
  'spawns with large arguments',
  '100,000 streams',
  '1,024 calls of 1 ms',
  '1,000 stalled handshakes',
  'trickle',
]
const here = (file) => fileURLToPath(new URL(file, import.meta.url))
const quiet = { log: () => {} }
const median = (all) => all.toSorted((a, b) => a - b)[all.length >> 1]

async function neighbour(url) {
  const dispatcher = new Dispatcher(quiet)
  const shop = await (await dispatcher.connect(webSocket(url))).spawn('Shop')
  return {
    async waits(ms) {
      const all = []
      for (const end = performance.now() + ms; performance.now() < end; await sleep(2)) {
        const start = performance.now()
        await ask(shop, { timeout: 20_000 }).add(1, 2)
        all.push(performance.now() - start)
      }
      return all
    },
    close: () => dispatcher.close(),
  }
}

async function attacked(attack) {
  const server = fork(here('hostile-server.mjs'), { execArgv: ['--expose-gc'] })
  const [{ port }] = await once(server, 'message')
  const url = `ws://127.0.0.1:${port}`
  const near = await neighbour(url)
  await near.waits(300)
  const quietly = median(await near.waits(1_500))
  let most = 0
  let last
  server.on('message', (told) => {
    most = Math.max(most, told.rss)
    if ('actors' in told) last = told
  })
  const measured = async () => {
    last = undefined
    server.send('measure')
    while (!last) await sleep(5)
    return last
  }
  const base = await measured()
  most = 0
  const attackers = Array.from({ length: peers }, () => fork(here('hostile-peer.mjs'), [url, attack, String(seconds)]))
  await sleep(200)
  const waits = await near.waits(seconds * 1_000)
  for (const attacker of attackers) attacker.kill('SIGKILL')
  const grown = (most - base.rss) / 1e6
  const wait = median(waits)
  // An actor that sleeps ends when it wakes, and a session after its window: neither is here, but for those that may come back.
  const left = await measured()
  console.log(
    `${attack}: + ${Math.round(grown)} MB at most, ${Math.round((left.used - base.used) / 1e6)} MB in use after it; ` +
      `the neighbour waits ${wait.toFixed(2)} ms in the median, ${(wait / quietly).toFixed(1)} times as long as before, ` +
      `${Math.max(...waits).toFixed(0)} ms at most; ${left.actors} actors, ${left.peers} peers left`,
  )
  if (grown > MOST * peers) throw new Error(`${attack}: the server grew by ${grown} MB`)
  if (wait > SOON) throw new Error(`${attack}: a neighbour waits ${wait} ms`)
  await near.close()
  server.kill('SIGKILL')
  await once(server, 'exit')
}

for (const attack of ATTACKS) if (!only || attack === only) await attacked(attack)
console.log(`${ATTACKS.length} attacks: memory stayed bounded, and a neighbour was served`)
