import type { Dispatcher, Peer, Proxy } from 'troupe'
import { webWorker } from 'troupe/web-worker'
import { webSocket } from 'troupe/websocket'
import { Counter } from './counter.js'
import type { actors } from './counter.worker.js'

/** Somewhere a Counter can live. */
export interface Place {
  readonly title: string
  readonly about: string
  /** The line that makes the counter there: the only one that differs. */
  readonly code: string
  /** What a person is told once it is gone. */
  readonly gone: string
  open(dispatcher: Dispatcher): Promise<Opened>
}

export interface Opened {
  readonly counter: Proxy<Counter>
  /** Undefined for this page. */
  readonly peer?: Peer
}

const page: Place = {
  title: 'This page',
  about: 'The main thread of this tab. A call is a message in a local mailbox.',
  code: 'dispatcher.spawn(Counter)',
  gone: 'The counter of this page did not start. Trying again…',
  open: async (dispatcher) => ({ counter: await dispatcher.spawn(Counter) }),
}

const worker: Place = {
  title: 'A Web Worker',
  about: 'Another thread of this browser. A call crosses a message port.',
  code: "worker.spawn('Counter')",
  gone: 'The worker is gone, and its counter with it. Trying again…',
  open: async (dispatcher) => {
    const peer = await dispatcher.connect<typeof actors>(
      webWorker(() => new Worker(new URL('./counter.worker.ts', import.meta.url), { type: 'module' })),
    )
    return { counter: await peer.spawn('Counter'), peer }
  },
}

const server: Place = {
  title: 'The server',
  about: 'A Node process. A call crosses a WebSocket.',
  code: "server.spawn('Counter')",
  gone: 'The server cannot be reached. Trying again…',
  open: async (dispatcher) => {
    const url = new URL('./actors', location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    const peer = await dispatcher.connect<{ Counter: typeof Counter }>(webSocket(url))
    return { counter: await peer.spawn('Counter'), peer }
  },
}

export const places: readonly Place[] = [page, worker, server]
