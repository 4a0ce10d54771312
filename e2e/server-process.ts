import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string
  /** SIGKILL: it gets no chance to say goodbye. Resolves when it is gone. */
  kill(): Promise<void>
}

/** `port` is any free one unless given. With an empty one, the demo chooses as it does for `npm start`. */
export const startDemo = (port?: string): Promise<ServerProcess> => start([here('../demo/serve.mjs')], port)

export const startLab = (port?: string): Promise<ServerProcess> => startPages('serve', port)

export const startTabs = (): Promise<ServerProcess> => startPages('tabs-serve')

const startPages = (server: string, port?: string): Promise<ServerProcess> =>
  start([here(`../.cache/e2e/server/${server}.js`), here('../.cache/e2e/page')], port)

async function start(args: readonly string[], port = '0'): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, PORT: port },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { url: await printedUrl(child), kill: () => kill(child) }
}

/** The first URL that the process prints. */
async function printedUrl(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /http:\S+/.exec(line as string)?.[0]
    if (url) return url
  }
  throw new Error('the server ended without printing a URL')
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
