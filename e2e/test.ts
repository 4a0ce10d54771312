import { type Page, test as base } from '@playwright/test'
import { type ServerProcess, startDemo, startLab } from './server-process.js'

/** What a page said that it should not have; `page` checks the rejections after each test. */
export interface Complaints {
  /** Promise rejections and errors that nobody handled. */
  readonly uncaught: string[]
  readonly console: string[]
  /** Violations of the Content-Security-Policy, by directive and blocked address. */
  readonly policy: string[]
}

interface TestFixtures {
  complaints: Complaints
  /** The test page, with `window.lab`. */
  lab: Page
  /** Servers of one test, for it to kill. */
  ownDemo: ServerProcess
  ownLab: ServerProcess
}

interface WorkerFixtures {
  demoServer: ServerProcess
  labServer: ServerProcess
}

/* oxlint-disable eslint/no-empty-pattern -- Playwright reads from the pattern which fixtures are wanted. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  demoServer: [async ({}, use) => serve(() => startDemo(), use), { scope: 'worker' }],
  labServer: [async ({}, use) => serve(() => startLab(), use), { scope: 'worker' }],
  ownDemo: async ({}, use) => serve(() => startDemo(), use),
  ownLab: async ({}, use) => serve(() => startLab(), use),

  complaints: [
    async ({ page }, use) => {
      const complaints: Complaints = { uncaught: [], console: [], policy: [] }
      await page.exposeFunction('complain', (kind: keyof Complaints, text: string) => complaints[kind].push(text))
      await page.addInitScript(listen)
      page.on('pageerror', (error) => complaints.uncaught.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.console.push(message.text())
      })
      await use(complaints)
      base.expect(complaints.uncaught, 'nothing is left unhandled in the page').toEqual([])
    },
    { auto: true },
  ],

  lab: async ({ page, labServer }, use) => {
    await page.goto(labServer.url)
    await use(page)
  },
})

export { expect } from '@playwright/test'

async function serve(
  start: () => Promise<ServerProcess>,
  use: (server: ServerProcess) => Promise<void>,
): Promise<void> {
  const server = await start()
  await use(server)
  await server.kill()
}

/** Runs in the page before anything else does. */
function listen(): void {
  const { complain } = window as unknown as { complain: (kind: keyof Complaints, text: string) => void }
  addEventListener('unhandledrejection', ({ reason }) => complain('uncaught', String(reason)))
  addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
    complain('policy', `${effectiveDirective} ${blockedURI}`),
  )
}
