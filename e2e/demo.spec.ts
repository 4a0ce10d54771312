import type { Locator, Page } from '@playwright/test'
import { startDemo } from './server-process.js'
import { expect, test } from './test.js'

const PLACES = ['This page', 'A Web Worker', 'The server']

const panel = (page: Page, place: string): Locator => page.getByRole('region', { name: place, exact: true })
/** The calls that a panel shows, the last one first. */
const calls = (place: Locator): Locator => place.getByRole('list', { name: 'Calls' }).getByRole('listitem')
const count = (place: Locator): Locator => place.getByRole('status', { name: 'Count', exact: true })

/** Presses Stop in the page itself: a hundred frames may be over before a click from here arrives. */
const stopAtFirstNumber = (output: Element): Promise<void> =>
  new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      observer.disconnect()
      output.closest('section')!.querySelector<HTMLElement>('[data-action="stream"]')!.click()
      resolve()
    })
    observer.observe(output, { childList: true })
  })

test.describe('the demo', () => {
  for (const place of PLACES) {
    test(`${place}: counts, streams and shows a round trip`, async ({ page, demoServer, complaints }) => {
      await page.goto(demoServer.url)
      const here = panel(page, place)
      await expect(here).toContainText('Running')
      await expect(count(here)).toHaveText('0')

      await here.getByRole('button', { name: 'Increment' }).click()
      await expect(count(here)).toHaveText('1')
      await expect(calls(here).filter({ hasText: /^increment\(\)1\d+(\.\d)? (µs|ms)$/ })).toHaveCount(1)

      await here.getByRole('button', { name: 'Stream 100' }).click()
      await expect(count(here)).toHaveText('101')
      await expect(here.getByRole('button', { name: 'Stream 100' })).toBeVisible()
      // The page makes calls of its own, to measure a round trip.
      await expect(calls(here).filter({ hasText: 'countTo(+100)100 values' })).toHaveCount(1)

      const time = here.getByRole('status', { name: 'Round trip', exact: true })
      await expect(time).toHaveText(/^\d+(\.\d)? (µs|ms)$/)
      console.log(`${place}: ${await time.textContent()} there and back`)

      expect(complaints.console).toEqual([])
      expect(complaints.policy).toEqual([])
    })

    test(`${place}: a stream stops half way`, async ({ page, demoServer }) => {
      await page.goto(demoServer.url)
      const here = panel(page, place)
      await expect(here).toContainText('Running')
      const pressed = count(here).evaluate(stopAtFirstNumber)
      await here.getByRole('button', { name: 'Stream 100' }).click()
      await pressed
      await expect(here.getByRole('button', { name: 'Stream 100' })).toBeVisible()
      const stopped = Number(await count(here).textContent())
      expect(stopped).toBeLessThan(100)
      await here.getByRole('button', { name: 'Increment' }).click()
      await expect(count(here)).toHaveText(String(stopped + 1))
    })
  }

  test('the page runs under a policy without eval, inline code or foreign sources', async ({ page, demoServer }) => {
    const response = await page.goto(demoServer.url)
    const policy = (await response!.allHeaders())['content-security-policy']
    const { host } = new URL(demoServer.url)
    expect(policy).toContain(
      `default-src 'self'; script-src 'self'; worker-src 'self'; connect-src 'self' ws://${host}`,
    )
    expect(policy).not.toContain('unsafe')
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
  })

  test('fits a phone', async ({ page, demoServer }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(demoServer.url)
    await expect(panel(page, 'The server')).toContainText('Running')
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
  })

  test('a server that was killed is told of, the others go on, and the panel comes back with the server', async ({
    page,
    ownDemo,
  }) => {
    await page.goto(ownDemo.url)
    const server = panel(page, 'The server')
    await expect(server).toContainText('Running')
    await server.getByRole('button', { name: 'Increment' }).click()
    await expect(count(server)).toHaveText('1')

    await ownDemo.kill()
    await expect(server).toContainText('The server cannot be reached. Trying again…')
    for (const place of ['This page', 'A Web Worker']) {
      await panel(page, place).getByRole('button', { name: 'Increment' }).click()
      await expect(count(panel(page, place))).toHaveText('1')
    }

    const again = await startDemo(new URL(ownDemo.url).port)
    try {
      await expect(server).toContainText('Connected again. This counter is new.')
      await expect(count(server)).toHaveText('0')
      await server.getByRole('button', { name: 'Increment' }).click()
      await expect(count(server)).toHaveText('1')
    } finally {
      await again.kill()
    }
  })

  test('runs twice on one machine: the second takes another port', async ({ request }) => {
    const one = await startDemo('')
    try {
      const other = await startDemo('')
      try {
        expect(other.url).not.toBe(one.url)
        expect(new URL(one.url).port).not.toBe('5173')
        for (const { url } of [one, other]) expect((await request.get(url)).ok()).toBe(true)
      } finally {
        await other.kill()
      }
    } finally {
      await one.kill()
    }
  })
})
