// As ../measure.mjs, in a Chromium of its own; the bundle is built before.
import { launch } from './browser.mjs'
import { serve } from './server.mjs'

const [row, contender, load, warmUp, duration] = process.argv.slice(2)
const { others = {} } = await import(`../${row}/row.mjs`)
const [server, browser] = await Promise.all([serve(), launch()])
try {
  const context = await browser.newContext()
  const open = async () => {
    const page = await context.newPage()
    page.on('pageerror', (error) => console.error(error))
    await page.goto(server.url)
    return page
  }
  const other = others[contender]
  if (other) await (await open()).evaluate(([row, other]) => bench.run(row, other), [row, other])
  const page = await open()
  const how = [row, contender, load, Number(warmUp), Number(duration)]
  console.log(JSON.stringify(await page.evaluate((how) => bench.measure(...how), how)))
} finally {
  await browser.close()
  server.close()
}
