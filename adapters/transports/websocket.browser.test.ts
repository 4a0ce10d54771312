import { describe, test } from 'vitest'
import { commands } from 'vitest/browser'
import { type Subject, testTransport } from '../../core/testing/index.js'
import { webSocket } from './websocket.js'

async function open(): Promise<Subject> {
  const url = await commands.startServer(location.origin)
  const kill = (): Promise<void> => commands.killServer(url)
  return { connector: webSocket(url), crash: kill, dispose: kill }
}

testTransport({ name: 'websocket, from a page', runner: { describe, test }, open })
