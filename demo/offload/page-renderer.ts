import type { Done, Job } from './job.js'
import { paint } from './paint.js'

/** Milliseconds for which it paints before the page gets a turn. */
const TURN = 200

/** The main thread paints. */
export async function* inPage(job: Job, signal: AbortSignal): AsyncGenerator<Done> {
  let start = -Infinity
  for (const tile of job.tiles) {
    if (performance.now() - start > TURN) {
      await nextTask()
      signal.throwIfAborted()
      start = performance.now()
    }
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
