import type { Done, Job } from './job.js'
import { paint } from './paint.js'

/** The main thread paints. It sees to what else there is to do after each tile. */
export async function* inPage(job: Job, signal: AbortSignal): AsyncGenerator<Done> {
  for (const tile of job.tiles) {
    await nextTask()
    signal.throwIfAborted()
    yield { tile, data: paint(job.work(tile)) }
  }
}

const { port1, port2 } = new MessageChannel()

/** Sooner than a timer, which browsers make wait for 4 ms. */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    port1.onmessage = () => resolve()
    port2.postMessage(undefined)
  })
