// npm run torture [name…]
// The long proofs, at their full figures; the gate runs a tenth of them or less. Each takes less than ten minutes.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const root = here('../..')

const TORTURES = {
  // 1,000 worker threads terminated at random during 100,000 calls.
  kills: { args: [here('kills.mjs'), '1000', '100000'] },
  // 1,000,000 actors in one process.
  'idle-actors': { args: ['--expose-gc', '--max-old-space-size=8192', here('idle-actors.mjs'), '1000000'] },
  // 1,000,000 callbacks handed out and dropped, over a port and over a WebSocket.
  callbacks: { args: ['--expose-gc', here('callbacks.mjs'), '1000000'] },
  // 1 GiB from a generator, its first 64 MiB read slowly.
  stream: { args: [here('stream.mjs'), '1024', '64'] },
  // 100,000 random trials over memory.
  random: { args: [here('random.mjs'), '100000'] },
  // One thread of 4 terminated during 10,000 tasks of a pool.
  'pool-kills': { args: [here('pool-kills.mjs'), '10000', '1'] },
  // 1,000 pools of threads opened and closed.
  'pool-rounds': { args: ['--expose-gc', here('pool-rounds.mjs'), '1000'] },
  // 1,000 random trials of pools.
  'pool-random': { args: [here('pool-random.mjs'), '1000'] },
  // 10,000 random operations of two threads on each shared object.
  shared: { args: [here('shared.mjs'), '10000'] },
  // 50,000 simulated runs of the core, with troubles of the network.
  simulation: { args: [here('simulation.mjs'), '50000'] },
  // Bugs planted in the protocol, each searched for by the simulation for 60 s at most.
  mutants: { args: [here('mutants.mjs'), 'find'] },
  // The same, and what finds them is written down for the gate to replay.
  'record-mutants': { args: [here('mutants.mjs'), 'record'], isOnRequest: true },
  // A connection cut at each byte of an exchange of more than 4 KiB.
  cuts: { args: [here('cuts.mjs'), '1'] },
  // 400 rounds of calls through a proxy that does what networks do.
  chaos: { args: [here('chaos.mjs'), '400'] },
  // 10,000 numbered messages through 50 cuts.
  chat: { args: [here('chat.mjs'), '10000', '50'] },
  // A server that is killed and started again 10 times under the calls of 100 clients.
  restarts: { args: [here('restarts.mjs'), '100', '10'] },
  // Hostile peers of nine kinds, 10 s each: memory of the server, and what a neighbour waits.
  hostile: { args: [here('hostile.mjs'), '10', '1'] },
  // Ten times as many calls as a server can do.
  overload: { args: [here('overload.mjs'), '10'] },
  // A process that writes through a durable actor, killed 500 times.
  'durable-kills': { args: [here('durable-kills.mjs'), '500'] },
  // 500 kills of processes that write to one SQLite database.
  'store-kills': { args: [here('store-kills.mjs'), '500'] },
  // A Redis and a NATS server, each killed 200 times under calls of a durable actor and a lock.
  'broker-kills': { args: [here('broker-kills.mjs'), '200'] },
  // 5,000 WebSocket connections on one server, each with one call a second for 30 s, and the server restarted.
  connections: { args: [here('connections.mjs'), '5000', '30'] },
  // 1,000,000 payloads for each codec, most of them wrong, and 400 rounds of 20 hostile peers for each kind of link.
  fuzz: {
    args: [here('../../node_modules/vitest/vitest.mjs'), 'run', '--project', 'node', 'core/testing/fuzz'],
    env: { TORTURE: '1' },
  },
  // A client and a server that are stopped for 45 s, and go on.
  sleep: { args: [here('sleep.mjs'), '45', '45'] },
  // A real nginx before two servers: reloaded and restarted under the calls of 20 clients, the servers too; 45 s without a call.
  nginx: { args: [here('nginx.mjs'), '20', '5', '45'] },
  // A tab that is stopped for 20 s, and goes on.
  'stopped-tab': {
    args: [here('../../node_modules/@playwright/test/cli.js'), 'test', '-c', 'e2e', 'stopped-tab'],
    env: { TORTURE: '1' },
  },
  // Five tabs that share a counter: the leading one is closed, loaded anew, crashes or stops 50 times; then with a SharedWorker.
  singleton: {
    args: [here('../../node_modules/@playwright/test/cli.js'), 'test', '-c', 'e2e', 'singleton.spec', '--workers=1'],
    env: { TORTURE: '1' },
  },
  // An actor moved 100 times between a tab, its worker and a server under load.
  moves: {
    args: [here('../../node_modules/@playwright/test/cli.js'), 'test', '-c', 'e2e', 'moves'],
    env: { TORTURE: '1' },
  },
  // An actor moved 1,000 times between a process, its thread, its child process and a server under load.
  'moves-node': { args: [here('moves.mjs'), '1000'] },
  // 10,000 actors over three processes, one of which is killed.
  sharded: { args: [here('sharded.mjs'), '10000', '2000'] },
  // Three nodes over Redis under load: 3 times a node is killed, another one stands still for 60 s, and Redis is killed.
  cluster: { args: [here('cluster.mjs'), '3', '60000'] },
  // The package in apps with Jest, Vitest, React, Vue and MobX, and the conformance suite in Firefox.
  frameworks: { args: [here('frameworks.mjs')] },
}

const all = Object.keys(TORTURES)
const names = process.argv.length > 2 ? process.argv.slice(2) : all.filter((name) => !TORTURES[name].isOnRequest)
for (const name of names) {
  const torture = TORTURES[name]
  if (!torture) throw new Error(`no torture ${name}; there are ${all.join(', ')}`)
  console.log(`\n${name}`)
  const env = { ...process.env, ...torture.env }
  const { status } = spawnSync(process.execPath, torture.args, { cwd: root, env, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
