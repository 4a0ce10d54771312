import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const redis = (port, ...options) => ['redis-server', '--port', port, '--bind', '127.0.0.1', '--save', '', ...options]

/** How each server is started on a port, with a folder for its files. */
const COMMANDS = {
  redis: (port) => redis(port),
  // What it was told survives its end.
  'lasting-redis': (port, folder) => redis(port, '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'),
  nats: (port) => ['nats-server', '-a', '127.0.0.1', '-p', port],
  'lasting-nats': (port, folder) => ['nats-server', '-a', '127.0.0.1', '-p', port, '-sd', folder, '-js'],
}

/**
 * Starts a server on a free port. Resolves when it accepts connections. `restart` kills it, and starts it on what it kept. It ends
 * with this process, also where that fails.
 */
export async function startServer(kind) {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'troupe-server-'))
  const [command, ...args] = COMMANDS[kind](port, folder).map(String)
  let server
  const start = async () => {
    server = spawn(command, args, { stdio: 'ignore' })
    while (!(await accepts(port))) {
      if (server.exitCode !== null) throw new Error(`${command} ended by itself`)
      await sleep(10)
    }
  }
  const end = async () => {
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  const clean = () => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', clean)
  await start()
  return {
    port,
    async restart() {
      await end()
      await start()
    },
    async close() {
      await end()
      process.off('exit', clean)
      clean()
    },
  }
}

/** Starts a server, and a process that answers over it: a file, which is given the port. */
export async function broker(kind, file) {
  const server = await startServer(kind)
  const child = fork(file, [server.port])
  await once(child, 'message')
  const close = async () => {
    child.disconnect()
    await once(child, 'exit')
    await server.close()
  }
  return { port: server.port, close }
}

/** The far side: lives as long as the process that started it wants. */
export function ready() {
  process.once('disconnect', () => process.exit())
  process.send('ready')
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
