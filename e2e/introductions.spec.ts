import { expect, test } from './test.js'

test('a worker calls another one without the page between, which may be busy', async ({ page, labServer }) => {
  await page.goto(`${labServer.url}introductions.html`)
  const { calls, median, max } = await page.evaluate(() => window.introductions.callWhileBlocked(2_000))
  console.log(
    `${calls} calls from worker to worker while the page was busy for 2,000 ms: ` +
      `median ${median.toFixed(3)} ms, max ${max.toFixed(1)} ms`,
  )
  expect(calls).toBeGreaterThan(100)
  // Through the page it would have been two seconds.
  expect(max).toBeLessThan(1_000)
})
