import { readdirSync, readFileSync } from 'node:fs'
import { type Browser, expect, type Page, test as base } from '@playwright/test'
import { launchOptions } from './chromium.js'
import { type ServerProcess, startTabs } from './server-process.js'

interface TestFixtures {
  /** Opens one more tab, each in a process of its own. */
  openAlone: (at?: ServerProcess) => Promise<Page>
  /** The same, linked with the SharedWorker that all of them share: it lives in the process of the first. */
  open: (at?: ServerProcess) => Promise<Page>
}

interface WorkerFixtures {
  tabServer: ServerProcess
}

/** A browser of its own, so that processes can be counted, which puts pages away into the back/forward cache. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  launchOptions: [{ ...launchOptions(), ignoreDefaultArgs: ['--disable-back-forward-cache'] }, { scope: 'worker' }],

  tabServer: [
    // oxlint-disable-next-line eslint/no-empty-pattern -- Playwright reads from the pattern which fixtures are wanted.
    async ({}, use) => {
      const server = await startTabs()
      await use(server)
      await server.kill()
    },
    { scope: 'worker' },
  ],

  openAlone: async ({ context, tabServer }, use) => {
    const uncaught: string[] = []
    context.on('weberror', (error) => uncaught.push(String(error.error())))
    await use(async ({ url } = tabServer) => {
      const page = await context.newPage()
      await page.goto(`${url}tabs.html`)
      return page
    })
    expect(uncaught, 'nothing is left unhandled in the tabs').toEqual([])
  },

  open: ({ openAlone }, use) =>
    use(async (at) => {
      const page = await openAlone(at)
      await page.evaluate(() => window.tabs.connect())
      return page
    }),
})

export { expect } from '@playwright/test'

/** The process that shows a page. */
export async function processOf(page: Page): Promise<number> {
  const browser = page.context().browser()!
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] })
  const trace = JSON.parse((await browser.stopTracing()).toString()) as Trace
  const start = trace.traceEvents.find(({ name }) => name === 'TracingStartedInBrowser')
  return start!.args.data.frames[0]!.processId
}

interface Trace {
  readonly traceEvents: readonly {
    readonly name: string
    readonly args: { readonly data: { readonly frames: readonly { readonly processId: number }[] } }
  }[]
}

/** The processes that run pages and workers now. */
export async function renderers(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.flatMap(({ type, id }) => (type === 'renderer' ? [id] : []))
}

/** That of them which runs the SharedWorker. On Linux only: it is read from the names of threads. */
export async function processOfWorker(browser: Browser): Promise<number> {
  const all = await renderers(browser)
  return all.find((pid) =>
    readdirSync(`/proc/${pid}/task`).some((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').startsWith('SharedWorker'),
    ),
  )!
}

/** Crashes what shows a page. Resolves, once it is gone, with the time of the blow in milliseconds of the wall clock. */
export async function crash(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  const at = Date.now()
  // There will be no answer.
  session.send('Page.crash').catch(() => {})
  await crashed
  return at
}
