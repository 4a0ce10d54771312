/** A worker that is called by hand. */
export function connect(receive) {
  const worker = new Worker(new URL('raw-worker.mjs', import.meta.url), { type: 'module' })
  worker.addEventListener('message', ({ data }) => receive(data))
  return { post: (message) => worker.postMessage(message), close: () => worker.terminate() }
}
