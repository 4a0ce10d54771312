import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import { webSocket } from 'troupe/websocket'
import { workerThread } from 'troupe/worker-threads'

/** An actor in another thread, reached by its port or by a WebSocket. */
export async function openLab(way) {
  const worker = new Worker(new URL('lab-worker.mjs', import.meta.url), { workerData: { socket: way === 'websocket' } })
  const dispatcher = new Dispatcher()
  const connector =
    way === 'websocket' ? webSocket(`ws://127.0.0.1:${(await once(worker, 'message'))[0]}`) : workerThread(worker)
  const peer = await dispatcher.connect(connector)
  const lab = await peer.spawn('Lab')
  return {
    dispatcher,
    peer,
    lab,
    close: async () => {
      await dispatcher.close()
      await worker.terminate()
    },
  }
}

export const WAYS = ['worker thread', 'websocket']
