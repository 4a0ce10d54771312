import { expect, test } from './test.js'

test('a server killed with 1,000 calls in flight settles all of them', async ({ page, ownLab: server }) => {
  await page.goto(server.url)
  await page.evaluate((url) => window.lab.callServer(url, 1_000), `${server.url.replace('http', 'ws')}actors`)
  const start = Date.now()
  await server.kill()
  const { codes, at } = await page.evaluate(() => window.lab.landed())
  console.log(`SIGKILL: 1,000 calls settled after ${at - start} ms`)
  expect(codes).toEqual({ 'unknown maybe': 1_000 })
  expect(at - start).toBeLessThan(5_000)
})
