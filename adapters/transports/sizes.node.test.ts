import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import type { Connector } from '../../core/adapter.js'
import { type ActorError, Dispatcher } from '../../core/index.js'
import { probes } from '../../core/testing/index.js'
import { childProcess } from './child-process.js'
import { webSocket } from './websocket.js'
import { webSocketServer } from './websocket-server.js'
import { workerThread } from './worker-threads.js'

const KB = 1_000
const MB = 1_000 * KB
/** Enough for 40 MB and what stands around them. */
const RAISED = 41 * MB

const built = (file: string): URL => new URL(`../../.cache/fixtures/${file}`, import.meta.url)
const child = (...args: string[]): Connector =>
  childProcess(() => fork(fileURLToPath(built('child.mjs')), args, { execArgv: [] }))

const bytes = (size: number): Uint8Array => new Uint8Array(size).map((_, n) => n % 251)

/** Links with a far side that hosts the probes; `echo` sends so many bytes there and back. */
async function withProbe(
  dispatcher: Dispatcher,
  connector: Connector,
  body: (echo: (size: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const peer = await dispatcher.connect<typeof probes>(connector)
  const probe = await peer.spawn('Probe')
  await body(async (size) => {
    const sent = bytes(size)
    // Not by a matcher of the test runner, which would look at each byte by itself.
    expect(Buffer.compare(await probe.echo(sent), sent)).toBe(0)
  })
  await dispatcher.close()
}

async function refused(echo: (size: number) => Promise<void>): Promise<void> {
  await echo(40 * KB)
  const error = (await echo(40 * MB).catch((reason: unknown) => reason)) as ActorError
  expect(error).toMatchObject({ code: 'too-large', ran: 'no', message: expect.stringContaining("'frame'") })
  await echo(40 * KB)
}

async function passes(echo: (size: number) => Promise<void>): Promise<void> {
  await echo(40 * KB)
  await echo(40 * MB)
}

/** A server of this process, and its way from a dispatcher with the same limits. */
async function overWebSocket(limits: { frame?: number }, body: Parameters<typeof withProbe>[2]): Promise<void> {
  await using server = new Dispatcher({ limits })
  const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: probes })
  await withProbe(new Dispatcher({ limits }), webSocket(`ws://127.0.0.1:${port}`), body)
}

describe('40 MB', { timeout: 60_000 }, () => {
  test('pass between threads, where frames have no limit', () =>
    withProbe(
      new Dispatcher(),
      workerThread(() => new Worker(built('thread.mjs'))),
      passes,
    ))

  test('are refused by the sender to a WebSocket, which goes on', () => overWebSocket({}, refused))

  test('pass over a WebSocket whose two sides raise the limit', () => overWebSocket({ frame: RAISED }, passes))

  test('are refused by the sender to a child process, which goes on', () =>
    withProbe(new Dispatcher(), child(), refused))

  test('pass to a child process where both sides raise the limit', () =>
    withProbe(new Dispatcher({ limits: { trusted: { frame: RAISED } } }), child(String(RAISED)), passes))
})
