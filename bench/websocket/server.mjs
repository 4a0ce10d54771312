import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Runs a server file in a process of its own, which says its port when it listens. */
export async function serve(file) {
  const child = fork(new URL(file, import.meta.url))
  const [port] = await once(child, 'message')
  return {
    url: `ws://127.0.0.1:${port}`,
    close: async () => {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** The other side of `serve`: lives as long as the process that started it wants. */
export function listening(port) {
  process.once('disconnect', () => process.exit())
  process.send(port)
}
