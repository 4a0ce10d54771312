import { ask, Dispatcher, transfer } from 'troupe'
import { pool } from 'troupe/pool'
import { webWorker } from 'troupe/web-worker'
import type { Done, Job } from './job.js'
import type { actors } from './painter.worker.js'

const dispatcher = new Dispatcher()
const connect = () => webWorker(() => new Worker(new URL('./painter.worker.ts', import.meta.url), { type: 'module' }))

export const workers = pool<typeof actors>(dispatcher, { connect, grace: 2_000 })
export const painter = workers.spawn('Painter')

/** The workers paint. A tile that takes longer than 30 s fails. */
export function inPool(job: Job, signal: AbortSignal): AsyncIterable<Done> {
  return workers.map(
    job.tiles,
    async (tile, _, { signal }) => {
      const work = job.work(tile)
      const pixels = 'source' in work ? [work.source.data.buffer] : []
      const painted = await ask(painter, { signal, timeout: 30_000 }).paint(transfer(work, pixels))
      return { tile, ...painted }
    },
    { ordered: false, concurrency: 32, signal },
  )
}
