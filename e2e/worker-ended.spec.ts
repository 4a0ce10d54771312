import { expect, test } from './test.js'

const ALL_UNKNOWN = { 'unknown maybe': 1_000 }

for (const [whose, owned] of [
  ['made by the link', true],
  ['made by the page', false],
] as const) {
  test(`terminate() on a worker ${whose} settles 1,000 calls in flight`, async ({ lab }) => {
    const { codes, ms } = await lab.evaluate((owned) => window.lab.terminateWorker(owned, 1_000), owned)
    console.log(`terminate(), ${whose}: 1,000 calls settled after ${ms} ms`)
    expect(codes).toEqual(ALL_UNKNOWN)
    expect(ms).toBeLessThan(5_000)
  })
}

test('self.close() in a worker settles 1,000 calls in flight', async ({ lab }) => {
  const { codes, ms } = await lab.evaluate(() => window.lab.closeWorker(1_000))
  console.log(`self.close(): 1,000 calls settled after ${ms} ms`)
  expect(codes).toEqual(ALL_UNKNOWN)
  expect(ms).toBeLessThan(5_000)
})

test('terminate() right after the connection settles what was asked', async ({ lab }) => {
  const { codes, ms } = await lab.evaluate(() => window.lab.terminateEarly())
  expect(codes).toEqual({ unknown: 1 })
  expect(ms).toBeLessThan(5_000)
})

test('awaiting a proxy gives the proxy', async ({ lab }) => {
  expect(await lab.evaluate(() => window.lab.proxiesAwait())).toEqual([true, true, true])
})
