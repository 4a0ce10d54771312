// An app's page in Chromium, from Vite's server for development, where StrictMode mounts twice, and built.
import assert from 'node:assert/strict'
import { launch } from '../../../bench/chromium/browser.mjs'

/** `use` does with the page what a user would, and resolves with what there was to see. */
export async function checkPage({ name, root, load }, use) {
  const vite = await load('vite')
  const local = { port: 0, host: '127.0.0.1' }
  const develop = async () => (await vite.createServer({ root, logLevel: 'error', server: local })).listen()
  const build = async () => {
    await vite.build({ root, logLevel: 'error' })
    return vite.preview({ root, logLevel: 'error', preview: local })
  }
  for (const [way, serve] of Object.entries({ 'in development': develop, built: build })) {
    // Vite takes it as it is where another one of this process has set it.
    process.env.NODE_ENV = way === 'built' ? 'production' : 'development'
    const server = await serve()
    const browser = await launch()
    try {
      const page = await browser.newPage()
      const problems = []
      page.on('pageerror', (error) => problems.push(String(error)))
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) problems.push(message.text())
      })
      await page.goto(server.resolvedUrls.local[0])
      const seen = await use(page, way).catch((error) => assert.fail([...problems, error.message].join('\n')))
      assert.deepEqual(problems, [], way)
      assert.equal(page.workers().length, 1)
      console.log(`${name}, ${way}: ${seen}; 1 worker, nothing in the console`)
    } finally {
      await browser.close()
      await server.close()
    }
  }
}

/** Waits until an element has this text. */
export const shows = (page, selector, text) =>
  page.waitForFunction(([selector, text]) => document.querySelector(selector)?.textContent === text, [selector, text])

/** Clicks an element until it shows a text, as what it shows may still be on its way. */
export async function clickUntil(page, selector, text) {
  let shown
  for (const end = Date.now() + 10_000; Date.now() < end; shown = await page.textContent(selector)) {
    if (shown === text) return
    await page.click(selector)
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(painted)))
  }
  throw new Error(`${selector} shows '${shown}', not '${text}'`)
}
