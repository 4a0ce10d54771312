import { Dispatcher } from 'troupe'
import { webWorker } from 'troupe/web-worker'
import type { actors as callers } from './caller.worker.js'
import type { actors as idlers } from './idler.worker.js'

/** How long calls took, in milliseconds. */
export interface Summary {
  readonly calls: number
  readonly median: number
  readonly max: number
}

/** What tests do in the page, on `window.introductions`. */
const introductions = {
  /** Has one worker call another while this page does nothing but compute, for so long. */
  async callWhileBlocked(ms: number): Promise<Summary> {
    const dispatcher = new Dispatcher()
    const a = await dispatcher.connect<typeof callers>(
      webWorker(() => new Worker(new URL('./caller.worker.ts', import.meta.url), { type: 'module' })),
    )
    const b = await dispatcher.connect<typeof idlers>(
      webWorker(() => new Worker(new URL('./idler.worker.ts', import.meta.url), { type: 'module' })),
    )
    const caller = await a.spawn('Caller')
    await caller.keep(await b.spawn('Idler'))
    while (!(await caller.isNextTo(b.id)));
    const measuring = caller.measure(ms + 500)
    const start = Date.now()
    while (Date.now() < start + ms);
    const end = Date.now()
    const { at, took } = await measuring
    const meanwhile = took.filter((_, n) => at[n]! >= start && at[n]! < end).sort((one, two) => one - two)
    await dispatcher.close()
    return { calls: meanwhile.length, median: meanwhile[meanwhile.length >> 1]!, max: meanwhile.at(-1)! }
  },
}

declare global {
  interface Window {
    introductions: typeof introductions
  }
}
window.introductions = introductions
