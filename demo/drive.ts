import { ActorError, type Proxy } from 'troupe'
import type { Counter } from './counter.js'
import type { Panel } from './panel.js'
import { CALLS, duration, roundTrip } from './round-trip.js'

const STEPS = 100

/** Wires one panel to one counter. It does not know, and need not know, where that counter runs. */
export function drive(panel: Panel, counter: Proxy<Counter>): void {
  let streaming = false

  /** Shows the code of some work, and what came of it after how long. */
  async function log(code: string, work: () => Promise<unknown>): Promise<void> {
    const start = performance.now()
    const took = (): string => duration(performance.now() - start)
    try {
      panel.called(code, String(await work()), took())
    } catch (error) {
      panel.called(code, failure(error), took())
    }
  }

  panel.on('increment', () =>
    log('increment()', async () => {
      const count = await counter.increment()
      panel.show(count)
      return count
    }),
  )

  panel.on('stream', async () => {
    // The second press stops the first one's loop, and `break` stops the generator.
    if (streaming) return void (streaming = false)
    streaming = true
    panel.streaming(true)
    await log(`countTo(+${STEPS})`, async () => {
      const start = await counter.increment(0)
      for await (const count of counter.countTo(start + STEPS)) {
        panel.show(count)
        await nextFrame()
        if (!streaming) break
      }
      const end = await counter.increment(0)
      panel.show(end)
      return `${end - start} values`
    })
    streaming = false
    panel.streaming(false)
  })

  panel.on('measure', () =>
    log(`${CALLS} × increment(0)`, async () => {
      const median = duration(await roundTrip(() => counter.increment(0)))
      panel.took(median)
      return median
    }),
  )
}

/** In plain words: what became of a call that failed. */
function failure(error: unknown): string {
  if (!(error instanceof ActorError)) return String(error)
  return error.ran === 'no' ? 'It did not run: the counter is gone.' : 'No answer. It may have run.'
}

const nextFrame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve))
