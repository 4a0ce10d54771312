import { createServer, connect as dial } from 'node:net'

/**
 * A TCP proxy in front of a port. `cut` ends all connections; with `at`, `{ to: 'server' | 'client', at }`, the first one ends
 * before that byte.
 */
export async function proxy(port, at) {
  const bytes = { server: 0, client: 0 }
  const sockets = new Set()
  let isDone = false
  const server = createServer((near) => {
    const far = dial(port, '127.0.0.1')
    const pass = (from, into, to) => {
      from.on('data', (data) => {
        const isHit = !isDone && at?.to === to && bytes[to] + data.length > at.at
        into.write(isHit ? data.subarray(0, at.at - bytes[to]) : data)
        bytes[to] += data.length
        if (!isHit) return
        isDone = true
        // What was passed on arrives before the end.
        into.end()
        from.destroy()
      })
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        into.end()
      })
      sockets.add(from)
    }
    pass(near, far, 'server')
    pass(far, near, 'client')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    bytes,
    port: server.address().port,
    wasCut: () => isDone,
    cut,
    close() {
      cut()
      server.close()
    },
  }
}
