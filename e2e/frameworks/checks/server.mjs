import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Starts the app's server, for pages of one origin. */
export async function startServer(root, origin) {
  const child = fork(join(root, 'server.js'), [origin], { execArgv: [] })
  const [url] = await once(child, 'message')
  const ended = once(child, 'exit')
  return {
    url,
    kill: () => {
      child.kill('SIGKILL')
      return ended
    },
  }
}
