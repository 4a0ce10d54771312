import type { Proxy } from 'troupe'
import type { Counter } from './counter.js'
import type { Panel } from './panel.js'
import { duration, roundTrip } from './round-trip.js'

const STEPS = 100

/** Wires one panel to one counter. It does not know, and need not know, where that counter runs. */
export function drive(panel: Panel, counter: Proxy<Counter>): void {
  let streaming = false

  panel.on('increment', async () => panel.show(await counter.increment()))

  panel.on('stream', async () => {
    // The second press stops the first one's loop, and `break` stops the generator.
    if (streaming) return void (streaming = false)
    streaming = true
    panel.streaming(true)
    try {
      const start = await counter.increment(0)
      for await (const count of counter.countTo(start + STEPS)) {
        panel.show(count)
        await nextFrame()
        if (!streaming) break
      }
      panel.show(await counter.increment(0))
    } finally {
      streaming = false
      panel.streaming(false)
    }
  })

  panel.on('measure', async () => panel.took(duration(await roundTrip(() => counter.increment(0)))))
}

const nextFrame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve))
