import { expect, test } from './tab-test.js'

test('from a tab through the SharedWorker to a thread of the server is one await', async ({ open, tabServer }) => {
  const [a, b] = [await open(), await open()]
  await a.evaluate((url) => window.tabs.dial(url), `${tabServer.url.replace('http', 'ws')}actors`)
  for (const tab of [a, b]) {
    const { thread, ms } = await tab.evaluate(() => window.tabs.askCellar())
    console.log(`tab → SharedWorker → server → its thread ${thread}: looked up and answered after ${ms} ms`)
    expect(thread).toBeGreaterThan(0)
  }
})
