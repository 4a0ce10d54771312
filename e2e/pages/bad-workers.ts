export type BadWorker = 'missing' | 'broken' | 'throwing' | 'blob' | 'data' | 'foreign'

const blob = (): string => URL.createObjectURL(new Blob(['postMessage("never")'], { type: 'text/javascript' }))

/** Workers that cannot be loaded, each for its own reason. */
export const badWorkers: Readonly<Record<BadWorker, () => Worker>> = {
  missing: () => new Worker('/missing.js', { type: 'module' }),
  broken: () => new Worker('/broken.js', { type: 'module' }),
  throwing: () => new Worker('/throwing.js', { type: 'module' }),
  blob: () => new Worker(blob()),
  data: () => new Worker('data:text/javascript,postMessage("never")'),
  foreign: () => new Worker('http://localhost:1/foreign.js'),
}
