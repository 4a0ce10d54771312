import { describe, test } from 'vitest'
import { commands } from 'vitest/browser'
import { type Subject, testTransport } from '../../core/testing/index.js'
import { webSocket } from './websocket.js'

async function open(): Promise<Subject> {
  const url = await commands.startServer(location.origin)
  const kill = (): Promise<void> => commands.killServer(url)
  return { connector: { ...webSocket(url), restart: { max: 0 } }, crash: kill, dispose: kill }
}

// A server that crashed is not started again here: it is looked for no longer than this.
testTransport({ name: 'websocket, from a page', runner: { describe, test }, open, limits: { resume: 200 } })
