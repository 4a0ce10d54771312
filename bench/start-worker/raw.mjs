export async function start() {
  const worker = new Worker(new URL('raw-worker.mjs', import.meta.url), { type: 'module' })
  worker.postMessage([1, 2])
  const sum = await new Promise((resolve) => {
    worker.addEventListener('message', ({ data }) => resolve(data))
  })
  return { sum, close: () => worker.terminate() }
}
