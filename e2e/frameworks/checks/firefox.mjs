import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { must } from './app.mjs'
import { startServer } from './server.mjs'

const EXECUTABLE = '/usr/bin/firefox-esr'
const INSTALL = ['apt-get', ['install', '-y', '--no-install-recommends', 'firefox-esr']]
/** The conformance suite over each link that a page has, and what a page sees of the end of workers and tabs. */
export async function checkFirefox({ name, root, load }) {
  await installFirefox(root)
  const vite = await load('vite')
  process.env.NODE_ENV = 'production'
  await vite.build({ root, logLevel: 'error' })
  const site = await vite.preview({ root, logLevel: 'error', preview: { port: 0, host: '127.0.0.1' } })
  const [url] = site.resolvedUrls.local
  const { default: puppeteer } = await load('puppeteer-core')
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: EXECUTABLE,
    headless: true,
    protocolTimeout: 300_000,
  })
  const servers = new Map()
  try {
    console.log(`${name}: ${await browser.version()}`)
    const page = await browser.newPage()
    await page.exposeFunction('startServer', async () => {
      const server = await startServer(root, new URL(url).origin)
      servers.set(server.url, server)
      return server.url
    })
    await page.exposeFunction('killServer', async (url) => {
      await servers.get(url)?.kill()
      servers.delete(url)
    })
    await page.goto(url)
    await lose(name, browser, page, url)
    const failures = []
    for (const suite of await page.evaluate(() => window.page.suites)) {
      const start = Date.now()
      const { passed, failed } = await page.evaluate((suite) => window.page.conform(suite), suite)
      const seconds = ((Date.now() - start) / 1_000).toFixed(1)
      console.log(`${name}: ${suite}: ${passed} passed, ${failed.length} failed, in ${seconds} s`)
      failures.push(...failed.map((each) => `${suite}: ${each}`))
    }
    assert.deepEqual([failures, await page.evaluate(() => window.page.uncaught)], [[], []])
  } finally {
    for (const server of servers.values()) await server.kill()
    await browser.close()
    await site.close()
  }
}

async function lose(name, browser, page, url) {
  const refusals = await page.evaluate(async () => {
    const codes = await window.page.refusals()
    // The errors of workers that were meant to fail.
    window.page.uncaught.length = 0
    return codes
  })
  for (const [what, code] of Object.entries(refusals))
    assert.equal(code, what.startsWith('a server') ? 'unreachable' : 'start-failed', what)
  for (const [way, { codes, ms }] of Object.entries(await page.evaluate(() => window.page.endings()))) {
    assert.deepEqual(codes, { 'unknown maybe': 1_000 }, way)
    console.log(`${name}: ${way}: 1,000 calls settled after ${ms} ms`)
  }
  const other = await browser.newPage()
  await other.goto(url)
  await other.evaluate(() => window.page.tabs.offer())
  assert.equal(await page.evaluate(() => window.page.tabs.call()), 3)
  const start = Date.now()
  await other.close()
  assert.equal(await page.evaluate(() => window.page.tabs.outcome), 'unknown maybe')
  console.log(`${name}: a tab that was closed: the call to it settled after ${Date.now() - start} ms`)
}

async function installFirefox(cwd) {
  if (existsSync(EXECUTABLE)) return
  const [command, args] = INSTALL
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version'))
    throw new Error(`there is no ${EXECUTABLE}; run: sudo ${command} ${args.join(' ')}`)
  console.log("installing Debian's package firefox-esr, to run the conformance suite in Firefox")
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await must(command, ['update'], { cwd, env })
  await must(command, args, { cwd, env })
}
