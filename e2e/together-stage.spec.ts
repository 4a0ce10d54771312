import { AxeBuilder } from '@axe-core/playwright'
import { crash } from './tab-test.js'
import { expect, test as base } from './test.js'
import { TogetherPage } from './together-page.js'

type Three = [TogetherPage, TogetherPage, TogetherPage]

const test = base.extend<{ open: () => Promise<TogetherPage>; tabs: Three }>({
  /** Opens one more tab. */
  open: async ({ context, demoServer }, use) => {
    const tabs: TogetherPage[] = []
    await use(async () => {
      const tab = new TogetherPage(await context.newPage())
      tabs.push(tab)
      await tab.enter(demoServer.url)
      return tab
    })
    expect(tabs.flatMap(({ complaints }) => complaints)).toEqual([])
  },

  /** Three tabs, of which the first one leads. */
  tabs: async ({ open }, use) => use([await open(), await open(), await open()]),
})

// All of the board is seen, so that nothing is scrolled while a card is dragged.
test.use({ viewport: { width: 1280, height: 1_400 } })

/** All tabs show the same board, and all of its edits: none is lost or doubled. */
async function agree(tabs: readonly TogetherPage[]): Promise<void> {
  for (const tab of tabs) await tab.settled()
  const counts = await Promise.all(tabs.map((tab) => tab.count()))
  const count = Math.max(...counts)
  for (const tab of tabs) await expect(tab.tally).toHaveText(new RegExp(`^${count} edits stored, 0 lost, 0 doubled$`))
  const [first, ...others] = tabs
  const cards = await first!.cards()
  for (const tab of others) expect(await tab.cards()).toEqual(cards)
  for (const tab of tabs) await expect(tab.page.locator('.card[data-state="waiting"]')).toHaveCount(0)
}

/** Watches for another leader. Resolves with a function that tells how long after a time there was one, in each tab. */
async function watchLeader(tabs: readonly TogetherPage[]): Promise<(since: number) => Promise<string>> {
  const watches = await Promise.all(tabs.map((tab) => tab.watchLeader()))
  return async (since) => {
    const times = await Promise.all(watches.map((watch) => watch()))
    return times.map((time) => time - since).join(' and ')
  }
}

test.describe('the stage Together', () => {
  test('edits of each of three tabs arrive in all of them', async ({ tabs }) => {
    const [one, two, three] = tabs
    await expect(one.leader).toHaveText('This tab leads')
    for (const tab of [two, three]) await expect(tab.leader).toHaveText('Tab 1 leads')
    for (const tab of tabs) await expect(tab.tabs).toHaveText([/^Tab 1.*leads$/, /^Tab 2/, /^Tab 3/])

    for (const [place, tab] of tabs.entries()) {
      await tab.add(`Of tab ${place + 1}`)
      await tab.settled()
    }
    for (const tab of tabs)
      for (const place of tabs.keys()) {
        await expect(tab.card(`Of tab ${place + 1}`)).toContainText(`Tab ${place + 1}`)
        await expect(tab.card(`Of tab ${place + 1}`)).toContainText('stored')
      }

    await two.press('Move “Of tab 1” to Doing')
    for (const tab of tabs) await expect(tab.column('Doing')).toHaveText([/Of tab 1/])
    await three.press('Edit “Of tab 1”')
    await three.page.getByRole('textbox', { name: 'Text of “Of tab 1”' }).fill('Reworded')
    await three.page.keyboard.press('Enter')
    for (const tab of tabs) await expect(tab.column('Doing')).toHaveText([/Reworded/])
    await one.press('Move “Of tab 3” up')
    for (const tab of tabs) await expect(tab.column('To do').last()).toContainText('Of tab 2')
    await one.card('Of tab 2').dragTo(one.page.getByRole('region', { name: 'Done' }))
    for (const tab of tabs) await expect(tab.column('Done')).toHaveText([/Of tab 2/])
    await two.press('Remove “Reworded”')
    for (const tab of tabs) await expect(tab.column('Doing')).toHaveCount(0)
    await agree(tabs)
  })

  test('the tab that leads is closed, and another one takes over with all cards', async ({
    tabs: [one, two, three],
  }) => {
    await one.add('Of the first leader')
    await one.settled()
    for (const tab of [two, three]) await tab.helper.click()
    await two.seesMore()
    const moved = await watchLeader([two, three])
    const at = Date.now()
    await one.page.close()
    console.log(`closed: another tab led after ${await moved(at)} ms`)
    await three.seesMore()
    for (const tab of [two, three]) await tab.helper.click()
    await agree([two, three])
    await expect(two.card('Of the first leader')).toHaveCount(1)
    for (const tab of [two, three]) await expect(tab.events.filter({ hasText: ' leads, after 0.' })).toHaveCount(1)
  })

  test('the tab that leads crashes twice, and nothing is lost or doubled', async ({ tabs, open }) => {
    const [one, two, three] = tabs
    await one.add('Of the first leader')
    await one.settled()
    let living = [two, three]
    let leader = one
    for (const round of [1, 2]) {
      for (const tab of living) await tab.helper.click()
      await living[0]!.seesMore()
      const moved = await watchLeader(living)
      const at = await crash(leader.page)
      console.log(`crash ${round}: another tab led after ${await moved(at)} ms`)
      await living[1]!.seesMore()
      for (const tab of living) await tab.helper.click()
      await agree(living)
      const next = (await living[0]!.leader.textContent()) === 'This tab leads' ? living[0]! : living[1]!
      living = [living.find((tab) => tab !== next)!, await open()]
      leader = next
    }
    await expect(living[0]!.card('Of the first leader')).toHaveCount(1)
    await agree([leader, ...living])
  })

  test('while the tab that leads hangs, an edit waits, survives a reload, and is stored once by the next leader', async ({
    tabs: [one, two, three],
  }) => {
    await one.add('Before')
    await one.settled()
    const moved = await watchLeader([three])
    const at = await one.hang()
    expect(await two.addInSilence('While it hangs')).toBe('waiting')
    await two.page.reload()
    await expect(two.card('While it hangs')).toBeVisible()
    await expect(two.events.filter({ hasText: '1 edit from before the reload is sent again.' })).toHaveCount(1)
    console.log(`hung, with a lease of 2,000 ms: another tab led after ${await moved(at)} ms`)
    await expect(two.card('While it hangs')).toContainText('stored')
    await expect(three.card('While it hangs')).toHaveCount(1)
    // The one that hung goes on, and follows.
    await expect(one.leader).toHaveText(/^Tab [23] leads$/)
    await one.add('Of the one that hung')
    await agree([one, two, three])
    for (const tab of [one, two, three]) {
      await expect(tab.tally).toHaveText('3 edits stored, 0 lost, 0 doubled')
      await expect(tab.card('While it hangs')).toHaveCount(1)
      await expect(tab.card('Of the one that hung')).toHaveCount(1)
    }
  })

  test('a tab that is loaded again keeps its number and its cards; one that leads is followed by another', async ({
    tabs: [one, two, three],
  }) => {
    await two.add('Of the second')
    await two.settled()
    await two.page.reload()
    await two.entered()
    await expect(two.tabs.filter({ hasText: 'this tab' })).toContainText('Tab 2')
    await expect(two.card('Of the second')).toContainText('stored')
    const moved = await watchLeader([three])
    const at = Date.now()
    await one.page.reload()
    console.log(`loaded again: another tab led after ${await moved(at)} ms`)
    await one.entered()
    await expect(one.leader).toHaveText(/^Tab [23] leads$/)
    await one.add('Of the first')
    await agree([one, two, three])
    await expect(three.tabs).toHaveCount(3)
  })

  test('a button opens another tab, and that one can close itself', async ({ open, context }) => {
    const one = await open()
    const opened = context.waitForEvent('page')
    await one.page.getByRole('link', { name: 'Open another tab' }).click()
    const two = new TogetherPage(await opened)
    await two.entered()
    await expect(two.leader).toHaveText('Tab 1 leads')
    await expect(one.tabs).toHaveCount(2)
    await two.page.getByRole('button', { name: 'Close this tab' }).click()
    await expect(one.tabs).toHaveCount(1)
    expect(two.page.isClosed()).toBe(true)
    expect(two.complaints).toEqual([])
  })

  test('without its server all goes on, and the page can be loaded again', async ({ context, ownDemo }) => {
    const tabs = [new TogetherPage(await context.newPage()), new TogetherPage(await context.newPage())] as const
    const [one, two] = tabs
    for (const tab of tabs) {
      await tab.enter(ownDemo.url)
      await expect(tab.events.filter({ hasText: 'can be loaded without its server now' })).toHaveCount(1)
    }
    await ownDemo.kill()
    await one.add('Without a server')
    await expect(two.card('Without a server')).toContainText('stored')
    for (const tab of [one, two]) {
      await tab.page.reload()
      await tab.entered()
      await expect(tab.card('Without a server')).toContainText('stored')
    }
    await two.add('After the reload')
    await expect(one.card('After the reload')).toContainText('stored')
    await agree(tabs)
  })

  for (const [device, viewport] of [
    ['a small phone', { width: 360, height: 740 }],
    ['a desktop', { width: 1280, height: 800 }],
  ] as const)
    test(`fits ${device}, and axe finds nothing wrong, light and dark`, async ({ open, complaints }) => {
      const tab = await open()
      await tab.page.setViewportSize(viewport)
      await tab.add('A card that says much more than fits one line, and a_word_without_any_end'.repeat(2))
      await tab.press('Move “Open another tab” to Doing')
      await tab.settled()
      for (const colorScheme of ['light', 'dark'] as const) {
        await tab.page.emulateMedia({ colorScheme })
        const { violations } = await new AxeBuilder({ page: tab.page }).analyze()
        expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([])
      }
      expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      expect(complaints.policy).toEqual([])
    })
})
