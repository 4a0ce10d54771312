import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const ARGUMENTS = {
  'redis-server': (port) => ['--port', port, '--bind', '127.0.0.1', '--save', ''],
  'nats-server': (port) => ['-a', '127.0.0.1', '-p', port],
}

/** Starts a server on a free port. Resolves when it accepts connections. */
export async function startServer(command) {
  const port = await freePort()
  const server = spawn(command, ARGUMENTS[command](port).map(String), { stdio: 'ignore' })
  while (!(await accepts(port))) await sleep(10)
  const close = async () => {
    server.kill()
    await once(server, 'exit')
  }
  return { port, close }
}

/** Starts a server, and a process that answers over it: a file, which is given the port. */
export async function broker(command, file) {
  const server = await startServer(command)
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
