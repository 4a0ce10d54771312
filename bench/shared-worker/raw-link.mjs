/** A shared worker that is called by hand. */
export function connect(receive) {
  const { port } = new SharedWorker(new URL('raw-worker.mjs', import.meta.url), { type: 'module' })
  port.addEventListener('message', ({ data }) => receive(data))
  port.start()
  return { post: (message) => port.postMessage(message), close: () => port.close() }
}
