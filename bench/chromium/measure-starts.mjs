// As ../measure-starts.mjs, in one page of a Chromium of its own; the bundle is built before.
import { launch } from './browser.mjs'
import { serve } from './server.mjs'

const [row, count] = process.argv.slice(2)
const { contenders } = await import(`../${row}/row.mjs`)
const [server, browser] = await Promise.all([serve(), launch()])
try {
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error))
  await page.goto(server.url)
  const how = [row, contenders, Number(count)]
  console.log(JSON.stringify(await page.evaluate((how) => bench.starts(...how), how)))
} finally {
  await browser.close()
  server.close()
}
