import { startLab } from './server-process.js'
import { expect, test } from './test.js'

test('a server killed with 1,000 calls in flight settles all of them, where links do not outlive their connections', async ({
  page,
  ownLab: server,
}) => {
  await page.goto(server.url)
  await page.evaluate((url) => window.lab.callServer(url, 1_000, 0), `${server.url.replace('http', 'ws')}actors`)
  const start = Date.now()
  await server.kill()
  const { codes, at } = await page.evaluate(() => window.lab.landed())
  console.log(`SIGKILL: 1,000 calls settled after ${at - start} ms`)
  expect(codes).toEqual({ 'unknown maybe': 1_000 })
  expect(at - start).toBeLessThan(5_000)
})

test('a server killed with 1,000 calls in flight and started again settles all of them', async ({
  page,
  ownLab: server,
}) => {
  await page.goto(server.url)
  await page.evaluate((url) => window.lab.callServer(url, 1_000), `${server.url.replace('http', 'ws')}actors`)
  await server.kill()
  const again = await startLab(new URL(server.url).port)
  try {
    const start = Date.now()
    const { codes, at } = await page.evaluate(() => window.lab.landed())
    console.log(`1,000 calls settled ${at - start} ms after the server listened again`)
    expect(codes).toEqual({ 'unknown maybe': 1_000 })
    expect(at - start).toBeLessThan(5_000)
  } finally {
    await again.kill()
  }
})
