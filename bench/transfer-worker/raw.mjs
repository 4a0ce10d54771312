import { byHand, passing } from '../bounce.mjs'

export async function open() {
  const worker = new Worker(new URL('raw-worker.mjs', import.meta.url), { type: 'module' })
  const { pass, receive } = byHand((message, moved) => worker.postMessage(message, moved))
  worker.addEventListener('message', ({ data }) => receive(data))
  return { ask: (inFlight, total) => passing(pass, inFlight, total), close: () => worker.terminate() }
}
