import { Worker } from 'node:worker_threads'
import { byHand, passing } from '../bounce.mjs'

export async function open() {
  const worker = new Worker(new URL('raw-worker.mjs', import.meta.url))
  const { pass, receive } = byHand((message, moved) => worker.postMessage(message, moved))
  worker.on('message', receive)
  return { ask: (inFlight, total) => passing(pass, inFlight, total), close: () => worker.terminate() }
}
