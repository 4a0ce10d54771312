import { once } from 'node:events'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { type WebServer, webServer } from '../demo/web-server.js'
import { expect, test as base } from './test.js'

/** The test page once more, from another port, with leave to connect to the first. */
const test = base.extend<{ foreign: WebServer }>({
  foreign: async ({ labServer }, use) => {
    const root = fileURLToPath(new URL('../.cache/e2e/page', import.meta.url))
    const foreign = await webServer({ root, port: 0, connect: [new URL(labServer.url).origin.replace('http', 'ws')] })
    await use(foreign)
    foreign.server.closeAllConnections()
    foreign.server.close()
  },
})

const actorsAt = (url: string): string => `${url.replace('http', 'ws')}actors`

test('a page of the own origin is let in', async ({ lab, labServer }) => {
  expect(await lab.evaluate((url) => window.lab.connectServer(url), actorsAt(labServer.url))).toBe('connected')
})

test('a page of a foreign origin is refused at the upgrade', async ({ page, labServer, foreign, complaints }) => {
  await page.goto(foreign.url)
  const refusal = await page.evaluate((url) => window.lab.connectServer(url), actorsAt(labServer.url))
  // Browsers keep from the page why a WebSocket did not open; the console has it.
  expect(refusal).toMatchObject({ typed: true, code: 'unreachable', ran: 'no' })
  expect(refusal).toHaveProperty('message', `[troupe] unreachable: ${actorsAt(labServer.url)}`)
  expect(complaints.console.join()).toContain('403')
  expect(complaints.policy).toEqual([])
})

test('the refusal is 403, with no upgrade', async ({ labServer }) => {
  const upgrade = request(`${labServer.url}actors`, {
    headers: {
      origin: 'http://localhost:1',
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  })
  upgrade.end()
  const [response] = await once(upgrade, 'response')
  expect(response.statusCode).toBe(403)
  response.resume()
})
