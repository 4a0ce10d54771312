import { type Tab, Tabs } from './singleton-tabs.js'
import { expect, test } from './tab-test.js'

const LEASE = 2_000
const SOON = 1_000
/** How much longer all takes on a machine that is busy with other things. */
const BUSY = 5

const add = ({ page }: Tab): Promise<string> => page.evaluate(() => window.shared.add())
const where = ({ page }: Tab): Promise<string> => page.evaluate(() => window.shared.where())

test('only the leading tab holds a lock, and gives it back when its dispatcher is closed', async ({
  context,
  tabServer,
}) => {
  const tabs = await Tabs.of(context, tabServer.url, 'tab')
  const [a, b, c] = [await tabs.open(), await tabs.open(), await tabs.open()]
  for (const tab of [a, b, c]) {
    expect(await add(tab)).toBe('added')
    expect(await where(tab)).toBe('tab1')
  }
  expect(await b.page.evaluate(() => window.shared.locks())).toEqual(['troupe-singleton:counter'])
  expect([a, b, c].map(({ state }) => state)).toEqual(['leading', 'following', 'following'])

  const start = Date.now()
  await a.page.evaluate(() => window.shared.close())
  expect(await add(c)).toBe('added')
  const ms = Date.now() - start
  console.log(`close() of the dispatcher: an increment of another tab came back after ${ms} ms`)
  expect(ms).toBeLessThan(SOON * BUSY)
  expect(await where(b)).toBe('tab2')
  expect(await a.page.evaluate(() => window.shared.locks())).toEqual(['troupe-singleton:counter'])
  expect(await c.page.evaluate(() => window.shared.value())).toBe(4)
})

test('a tab whose code hangs is replaced after the lease, and follows when it goes on', async ({
  context,
  tabServer,
}) => {
  const tabs = await Tabs.of(context, tabServer.url, 'tab', { lease: LEASE })
  const [a, b] = [await tabs.open(), await tabs.open()]
  for (const tab of [a, b]) await tabs.run(tab)
  await tabs.until(() => a.added > 10 && b.added > 10, 'both increment')
  const start = Date.now()
  const hanging = a.page.evaluate(() => window.shared.hang(6_000))
  await tabs.until(() => b.state === 'leading', 'the other one leads')
  const ms = Date.now() - start
  const before = b.added
  await tabs.until(() => b.added > before + 10, 'and goes on')
  expect(Date.now() - start).toBeLessThan(6_000)
  await hanging
  await tabs.until(() => a.state === 'following' && a.leader === 'tab2', 'the one that hung follows')
  console.log(`a loop of 6 s: another one led after ${ms} ms; ${await tabs.check()}`)
  expect(ms).toBeGreaterThan(LEASE / 2)
})

test('a tab that goes into the back/forward cache gives up the lead, and takes part again when it is shown', async ({
  context,
  tabServer,
}) => {
  const tabs = await Tabs.of(context, tabServer.url, 'tab')
  const [a, b] = [await tabs.open(), await tabs.open()]
  expect(await add(a)).toBe('added')
  const start = Date.now()
  await a.page.goto(tabServer.url)
  expect(await add(b)).toBe('added')
  const ms = Date.now() - start
  console.log(`put away: an increment of another tab came back after ${ms} ms`)
  expect(ms).toBeLessThan(SOON * BUSY)
  await a.page.goBack({ waitUntil: 'commit' })
  test.skip(await a.page.evaluate(() => window.shared?.wasKept !== true), 'this browser did not keep the page')
  expect(await add(a)).toBe('added')
  expect(await where(a)).toBe('tab2')
  expect(await a.page.evaluate(() => window.shared.value())).toBe(3)
  await tabs.until(() => a.state === 'following', 'it follows')
})

for (const home of ['tab', 'worker'])
  test(`home ${home}: a tab with a later version takes over, and those with an earlier one are told`, async ({
    context,
    tabServer,
  }) => {
    const tabs = await Tabs.of(context, tabServer.url, home, { version: 1 })
    const [a, b] = [await tabs.open(), await tabs.open()]
    for (const tab of [a, b]) expect(await add(tab)).toBe('added')
    const c = await tabs.open({ version: 2 })
    expect(await add(c)).toBe('added')
    await tabs.until(() => a.state === 'ended' && b.state === 'ended', 'the others are told')
    for (const tab of [a, b]) expect(await add(tab)).toBe('version no')
    expect(c.state).toBe('leading')
    expect(await c.page.evaluate(() => window.shared.value())).toBe(3)
    await expect(tabs.open({ version: 1 })).rejects.toThrow('[troupe] version')
  })

test('a page that has no origin is told that there is no lock for it', async ({ context, tabServer }) => {
  const sandbox = { 'content-security-policy': 'sandbox allow-scripts' }
  const shared = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }
  await context.route('**/*', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, headers: { ...response.headers(), ...sandbox, ...shared } })
  })
  const tabs = await Tabs.of(context, tabServer.url, 'tab')
  await expect(tabs.open()).rejects.toThrow('[troupe] start-failed')
})
