import type { Page } from '@playwright/test'

/** Milliseconds of the longest task of a page's main thread. */
export interface LongestTask {
  /** From its start to its end, as the page's PerformanceObserver says: 0 where none took 50 ms. */
  readonly elapsed: number
  /** For which it had a processor. It is less where other processes wanted one, too. */
  readonly busy: number
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

/** Runs `work` and tells of the longest task of the page meanwhile. */
export async function longestTask(page: Page, work: () => Promise<void>): Promise<LongestTask> {
  const browser = page.context().browser()!
  await page.evaluate(() => {
    const tasks: number[] = []
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    observer.observe({ type: 'longtask' })
    Object.assign(window, { tasks })
  })
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] })
  await work()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] }
  const elapsed = await page.evaluate(() => Math.max(0, ...(window as unknown as { tasks: number[] }).tasks))
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const isMain = ({ pid, tid }: TraceEvent): boolean => mains.some((main) => main.pid === pid && main.tid === tid)
  const tasks = traceEvents.filter((event) => event.tdur !== undefined && isMain(event))
  if (tasks.length === 0) throw new Error('the trace has no tasks of the main thread')
  return { elapsed, busy: tasks.reduce((most, { tdur }) => Math.max(most, tdur! / 1_000), 0) }
}
