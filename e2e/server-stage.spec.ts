import { AxeBuilder } from '@axe-core/playwright'
import { ServerPage } from './server-page.js'
import { startDemo } from './server-process.js'
import { expect, test as base } from './test.js'

/** Silences a guest. Each tab has all that it said, in order and once. */
async function silence(talking: ServerPage, tabs: readonly ServerPage[]): Promise<void> {
  await talking.silence()
  const heard = await talking.heard()
  expect(heard.length).toBeGreaterThan(10)
  expect(heard).toEqual(heard.map((_, index) => heard[0]! + index))
  for (const tab of tabs) {
    await expect.poll(() => tab.heard()).toEqual(heard)
    await expect(tab.tally).toHaveText(/^\d+ messages, 0 lost, 0 doubled$/)
  }
}

const test = base.extend<{ tabs: [ServerPage, ServerPage] }>({
  /** Two people in a room of their own. */
  tabs: async ({ browser, ownDemo }, use) => {
    const contexts = await Promise.all([browser.newContext(), browser.newContext()])
    const tabs: ServerPage[] = []
    for (const context of contexts) {
      tabs.push(new ServerPage(await context.newPage()))
      await tabs.at(-1)!.enter(ownDemo.url)
    }
    const [one, other] = tabs as [ServerPage, ServerPage]
    await use([one, other])
    expect([...one.complaints, ...other.complaints]).toEqual([])
    await Promise.all(contexts.map((context) => context.close()))
  },
})

test.describe('the stage Server', () => {
  test('two people see each other, their names and their messages', async ({ tabs: [one, other] }) => {
    await expect(one.people).toHaveText(['Ada (you)', 'Ben'])
    await expect(other.people).toHaveText(['Ada', 'Ben (you)'])
    await one.say('Hello!')
    await other.say('Hi.')
    for (const tab of [one, other]) {
      await expect(tab.messages).toHaveText([/^1Ada Hello!/, /^2Ben Hi\./])
      await expect(tab.tally).toHaveText('2 messages, 0 lost, 0 doubled')
      await expect(tab.state).toHaveText('Open')
    }
    await expect(one.said('Hello!')).toContainText('delivered')
    await one.page.getByRole('textbox', { name: 'Your name' }).fill('Grace')
    await one.page.keyboard.press('Enter')
    await expect(other.people).toHaveText(['Grace', 'Ben (you)'])
    await other.page.goto('about:blank')
    await expect(one.people).toHaveText(['Grace (you)'])
  })

  for (const time of ['a moment', '3 seconds'] as const)
    test(`a connection that is cut for ${time} comes back, and nothing is lost or doubled`, async ({
      tabs: [one, other],
    }) => {
      await one.guest.click()
      await other.hearsMore()
      await one.break('Cut the connection', time)
      await expect(one.events.filter({ hasText: 'Reconnecting: attempt 1' })).toHaveCount(1)
      if (time === '3 seconds') {
        await expect(one.state).toHaveText('Reconnecting')
        await expect(one.page.getByText(/^· attempt \d+ (in \d\.\d+ s|now)$/)).toBeVisible()
        await expect(other.people.filter({ hasText: 'Ada is reconnecting' })).toHaveCount(1)
        await one.say('Written without a connection')
        await expect(one.said('Written without')).toContainText('sending')
      }
      await expect(one.state).toHaveText('Open')
      await expect(other.people).toHaveText(['Ada', 'Ben (you)'])
      if (time === '3 seconds') await expect(other.said('Written without')).toHaveCount(1)
      await other.hearsMore()
      await silence(one, [one, other])
      await expect(one.said('sent again')).toHaveCount(0)
    })

  test('a connection that freezes is not told of, and what was said meanwhile comes later', async ({
    tabs: [one, other],
  }) => {
    await other.guest.click()
    await one.hearsMore()
    await one.break('Freeze it', '10 seconds')
    await expect(one.events.filter({ hasText: 'You froze the connection' })).toHaveCount(1)
    await one.say('Can you hear me?')
    await other.say('Where are you?')
    await expect(other.said('Where are you?')).toContainText('delivered')
    await expect(one.said('Can you hear me?')).toContainText('sending')
    await expect(one.said('Where are you?')).toHaveCount(0)
    await expect(one.state).toHaveText('Open')

    await expect(one.said('Where are you?')).toHaveCount(1)
    await expect(one.said('Can you hear me?')).toContainText('delivered')
    await expect(other.said('Can you hear me?')).toHaveCount(1)
    await silence(other, [one, other])
    await expect(one.events).toHaveText([/You froze the connection \(10 seconds\)\.$/, /Open\.$/])
  })

  test('a room whose process is killed comes back with its messages, and drops what is sent twice', async ({
    tabs: [one, other],
  }) => {
    await one.guest.click()
    await other.hearsMore()
    await other.break('Restart the server', 'a moment')
    for (const tab of [one, other]) {
      await expect(tab.events.filter({ hasText: 'Reconnecting: attempt 1' }).first()).toBeVisible()
      await expect(tab.state).toHaveText('Open')
    }
    await other.hearsMore()
    // The message at whose keeping the process was killed.
    await expect(one.said('delivered: sent again, kept once')).toHaveCount(1)

    await one.break('Restart the server', '3 seconds')
    for (const tab of [one, other]) {
      await expect(tab.state).toHaveText('Reconnecting')
      await tab.say('Said while there is no server')
    }
    for (const tab of [one, other]) {
      await expect(tab.state).toHaveText('Open')
      await expect(tab.said('Said while there is no server')).toHaveCount(2)
    }
    await expect(one.people).toHaveCount(2)
    await expect(one.people.filter({ hasText: 'Ada (you)' })).toHaveCount(1)
    await silence(one, [one, other])
    await expect(one.said('sent again, kept once')).toHaveCount(2)
  })

  test('when the whole demo is killed by SIGKILL and started again, the two meet in a new room', async ({
    tabs: [one, other],
    ownDemo,
  }) => {
    await one.say('In the old room')
    await expect(other.said('In the old room')).toHaveCount(1)
    await ownDemo.kill()
    for (const tab of [one, other]) await expect(tab.state).toHaveText('Reconnecting')
    const again = await startDemo(new URL(ownDemo.url).port)
    try {
      await one.say('In the new room')
      for (const tab of [one, other]) {
        await expect(tab.state).toHaveText('Open')
        await expect(tab.messages).toHaveText([/^1Ada In the new room/])
        await expect(tab.people).toHaveCount(2)
        await expect(tab.tally).toHaveText('1 message, 0 lost, 0 doubled')
      }
      await other.break('Cut the connection', 'a moment')
      await expect(other.events.filter({ hasText: 'You cut the connection' })).toHaveCount(1)
      await expect(other.state).toHaveText('Open')
    } finally {
      await again.kill()
    }
  })

  for (const [device, viewport] of [
    ['a phone', { width: 390, height: 844 }],
    ['a desktop', { width: 1280, height: 800 }],
  ] as const)
    test(`fits ${device}, and axe finds nothing wrong, light and dark`, async ({ page, demoServer, complaints }) => {
      await page.setViewportSize(viewport)
      const tab = new ServerPage(page)
      await tab.enter(demoServer.url)
      await tab.say('A message that is much longer than the line of a phone, and a_word_without_any_end'.repeat(3))
      await expect(tab.messages.last()).toContainText('delivered')
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([])
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      expect(complaints.console).toEqual([])
      expect(complaints.policy).toEqual([])
    })
})
