// node nginx.mjs [CLIENTS] [TIMES] [IDLE]
// Two servers behind a real nginx, with the config of demo/guide/servers.md. Clients count without a pause, and read a stream,
// while nginx is reloaded and started again, and while the servers end and start again. An idle link stays.
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { check, Client, connect } from './nginx-client.mjs'
import { makeFolder, Nginx } from './nginx-process.mjs'

const [clients = 20, times = 5, idle = 45] = process.argv.slice(2).map(Number)
const folder = process.env.NGINX_FOLDER
if (!folder) {
  // Node.js reads the certificates that it trusts when it starts.
  const made = makeFolder()
  const env = { ...process.env, NGINX_FOLDER: made, NODE_EXTRA_CA_CERTS: join(made, 'cert.pem') }
  process.exit(spawnSync(process.execPath, process.argv.slice(1), { env, stdio: 'inherit' }).status ?? 1)
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  return port
}
const [port, ...ports] = await Promise.all(Array.from({ length: 3 }, freePort))
const url = `wss://127.0.0.1:${port}/actors`
const nginx = new Nginx(folder, {
  '127.0.0.1:3000': `127.0.0.1:${ports[0]}`,
  '127.0.0.1:3001': `127.0.0.1:${ports[1]}`,
  'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
  '/etc/ssl/shop.example.pem': join(folder, 'cert.pem'),
  '/etc/ssl/shop.example.key': join(folder, 'key.pem'),
})
const servers = new Map()
async function start(at, ...args) {
  const child = fork(fileURLToPath(new URL('nginx-server.mjs', import.meta.url)), [String(at), ...args])
  await once(child, 'message')
  servers.set(child.pid, { child, at })
}
async function end(pid, signal) {
  const { child, at } = servers.get(pid)
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
  servers.delete(pid)
  return at
}

const figures = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  return `median ${Math.round(sorted[sorted.length >> 1])} ms, at most ${Math.round(sorted.at(-1))} ms`
}
/** The status that a page of an origin gets. */
const status = (origin) =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, { origin })
    socket.on('error', () => {})
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode))
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
  })

/** What becomes of one who connects. */
const outcome = () =>
  connect(url).then(
    async ({ dispatcher }) => {
      await dispatcher.close()
      return 'open'
    },
    (error) => error.code,
  )

async function until(is, what) {
  const late = performance.now() + 30_000
  while (!(await is())) {
    check(performance.now() < late, what)
    await sleep(20)
  }
}

/** Waits until each client had an answer after `began`. */
const served = (all, began) => until(() => all.every(({ answered }) => answered > began), 'all are served again')

process.exitCode = 1
try {
  nginx.configure()
  await Promise.all(ports.map((at) => start(at)))
  await nginx.start(port)
  await gate()
  const all = await Promise.all(Array.from({ length: clients }, () => Client.open(url)))
  await sticks(all)
  await goesOn(all, 'reloaded', async () => nginx.reload())
  await goesOn(all, 'stopped, and started again 300 ms later', async () => {
    await nginx.stop()
    await sleep(300)
    await nginx.start(port)
  })
  await moves(all, 'killed by SIGKILL', 'SIGKILL')
  await moves(all, 'ended in order by SIGTERM', 'SIGTERM')
  await scatters(all)
  for (const client of all) client.isOver = true
  await Promise.all(all.map(({ running }) => running))
  await Promise.all(all.map(({ dispatcher }) => dispatcher.close()))
  await isIdle()
  process.exitCode = 0
} finally {
  await nginx.stop()
  for (const { child } of servers.values()) child.kill('SIGKILL')
}

async function gate() {
  const [response] = await once(get(`https://127.0.0.1:${port}/`), 'response')
  const text = String(await response.toArray())
  check(text === 'page', 'a request is answered')
  check((await status('https://shop.example')) === 101, 'a page of shop.example may connect')
  check((await status('https://evil.example')) === 403, 'a page of evil.example gets the status 403')
  const code = await connect(url, 'a guess').catch((error) => error.code)
  check(code === 'unauthorized', 'a wrong token is refused')
  const { dispatcher, peer } = await connect(url)
  const headers = await peer.run('seen')
  const expected = { host: `127.0.0.1:${port}`, 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' }
  for (const [name, value] of Object.entries(expected)) check(headers[name] === value, `${name} is ${value}`)
  await dispatcher.close()

  // A server without `authorize` takes nobody behind the proxy for local.
  const at = await freePort()
  await start(at, 'open')
  nginx.configure({ '127.0.0.1:3000': `127.0.0.1:${at}`, '127.0.0.1:3001': `127.0.0.1:${at}` })
  nginx.reload()
  await until(async () => (await outcome()) === 'unauthorized', 'all are refused without authorize')
  nginx.configure()
  nginx.reload()
  await until(async () => (await outcome()) === 'open', 'the config is back')
  console.log(`pages, origins, tokens and headers get through nginx as the guide says`)
}

async function sticks(all) {
  const pids = new Set(await Promise.all(all.map(({ peer }) => peer.run('pid'))))
  check(pids.size === 1, 'all clients of one address are at one process')
}

async function goesOn(all, what, act) {
  const gaps = []
  let outages = 0
  for (let time = 0; time < times; time++) {
    for (const client of all) client.measure()
    await act()
    await until(() => all.every((client) => client.outages > 0), 'each connection is cut')
    await served(all, performance.now())
    gaps.push(...all.map(({ longest }) => longest))
    outages += all.reduce((sum, client) => sum + client.outages, 0)
  }
  console.log(
    `nginx was ${what}, ${times} times: ${outages} connections of ${clients} clients were cut, all links went on, ` +
      `no call was lost and none ran twice; between two answers: ${figures(gaps)}`,
  )
}

/** The process of all clients ends, and they go to the other one; then it is started again. */
async function moves(all, what, signal) {
  const gaps = []
  let lost = 0
  for (let time = 0; time < times; time++) {
    const pid = await all[0].peer.run('pid')
    for (const client of all) {
      client.mayLose = true
      client.measure()
    }
    const at = await end(pid, signal)
    await served(all, performance.now())
    const pids = await Promise.all(all.map(({ peer }) => peer.run('pid')))
    check(!pids.includes(pid) && new Set(pids).size === 1, 'all clients are at the other process')
    gaps.push(...all.map(({ longest }) => longest))
    lost += all.reduce((sum, client) => sum + client.lost, 0)
    await start(at)
    for (const client of all) client.mayLose = false
  }
  console.log(
    `the process of all clients was ${what}, ${times} times: they were linked anew with the other one, their actors spawned ` +
      `again, ${lost} calls rejected with unknown or unreachable; between two answers: ${figures(gaps)}`,
  )
}

/** Without the line `hash`, a client that comes back gets either process. */
async function scatters(all) {
  nginx.configure({ 'hash $remote_addr consistent;': '' })
  for (const client of all) {
    client.mayLose = true
    client.measure()
  }
  await nginx.stop()
  await nginx.start(port)
  await until(() => all.every((client) => client.outages > 0), 'each connection is cut')
  await served(all, performance.now())
  const renewed = all.filter((client) => client.renewed > 0)
  check(renewed.length > 0, 'some came to the other process')
  console.log(
    `without hash: of ${all.length} clients that came back, ${renewed.length} were linked anew and the others went on; ` +
      `between two answers: ${figures(all.map(({ longest }) => longest))}`,
  )
}

/** A link without a call lives by its pings. */
async function isIdle() {
  for (const [limit, seconds, lasts] of [
    [20, idle, true],
    [10, 30, false],
  ]) {
    nginx.configure({ 'proxy_read_timeout 60s': `proxy_read_timeout ${limit}s` })
    await nginx.stop()
    await nginx.start(port)
    const { dispatcher, peer } = await connect(url)
    let outages = 0
    peer.on('state', (state, { attempt }) => void (state === 'reconnecting' && attempt === 1 && outages++))
    await sleep(seconds * 1_000)
    check((outages === 0) === lasts, `${outages} outages in ${seconds} s without a call, with a limit of ${limit} s`)
    console.log(`a link without a call, with a proxy_read_timeout of ${limit} s: ${outages} outages in ${seconds} s`)
    await dispatcher.close()
  }
}
