import { AxeBuilder } from '@axe-core/playwright'
import { type FilterName, filters } from '../demo/offload/filters/index.js'
import { cut, type Pixels } from '../demo/offload/pixels.js'
import { longestTask } from './longest-task.js'
import { OffloadPage } from './offload-page.js'
import { expect, test as base } from './test.js'

/** Milliseconds: no task of the page's main thread is longer while workers paint. */
const LONGEST = 100
/** Milliseconds for which the main thread paints before the page gets a turn. */
const TURN = 200
/** Tiles of the sample picture and of a picture as large. */
const SAMPLE_TILES = 336

const test = base.extend<{ stage: OffloadPage }>({
  stage: async ({ page, demoServer, complaints }, use) => {
    const stage = new OffloadPage(page)
    await stage.open(demoServer.url)
    await use(stage)
    expect(complaints.console).toEqual([])
    expect(complaints.policy).toEqual([])
  },
})

/** The largest difference of a byte between two pictures. */
function difference(one: Pixels, other: Pixels): number {
  expect([one.width, one.height]).toEqual([other.width, other.height])
  return one.data.reduce((most, byte, at) => Math.max(most, Math.abs(byte - other.data[at]!)), 0)
}

test.describe('the stage Offload', () => {
  // A small picture is painted sooner.
  test.use({ viewport: { width: 390, height: 844 } })

  for (const count of [2, 1])
    test(`${count} of the pool's workers paint the Mandelbrot set, and the main thread stays free`, async ({
      page,
      stage,
    }) => {
      await stage.setWorkers(count)
      await stage.choose('Place in the set', 'Spiral')
      await stage.done()
      const longest = await longestTask(page, async () => {
        await stage.button('Paint again').click()
        await stage.painted(1)
        await stage.done()
      })
      console.log(
        `${count} workers: longest task ${Math.round(longest.busy)} ms of a processor, ${longest.elapsed} ms by the clock`,
      )
      expect(longest.busy).toBeLessThan(LONGEST)
      await expect(stage.workers).toHaveCount(count)
      for (const worker of await stage.workers.all()) await expect(worker).toHaveText(/^Worker \d+idle[1-9]\d* tiles$/)
      await expect(stage.runs.first()).toHaveText(/^Mandelbrot set, zoom .*workers?[\d.]+ m?s[\d.]+[\d.]+ m?s$/)
      await expect(stage.runs.first()).toContainText(count === 1 ? '1 worker' : '2 workers')
    })

  test('the main thread paints the same pixels without the workers, and stands still', async ({ page, stage }) => {
    await stage.choose('Place in the set', 'Deep island')
    await stage.done()
    const byWorkers = await stage.shown()
    // They say so some frames after the picture is there.
    for (const worker of await stage.workers.all()) await expect(worker).toContainText('idle')
    const before = await stage.workers.allTextContents()
    const longest = await longestTask(page, async () => {
      await stage.check('Main thread')
      await stage.painted(1)
      await stage.done()
    })
    await expect(stage.runs.first()).toContainText('Main thread')
    expect(difference(await stage.shown(), byWorkers)).toBe(0)
    expect(await stage.workers.allTextContents()).toEqual(before)
    console.log(`main thread: longest task ${longest.elapsed} ms`)
    expect(longest.elapsed).toBeGreaterThanOrEqual(TURN)
  })

  test('the workers go with the slider while they paint', async ({ stage }) => {
    await stage.setWorkers(1)
    await stage.choose('Place in the set', 'Deep island')
    await stage.painted(1)
    await expect(stage.workers).toHaveCount(1)
    await stage.setWorkers(3)
    await expect(stage.stat('Tiles running')).toHaveText('3')
    await stage.setWorkers(1)
    await expect(stage.workers).toHaveCount(1)
    // The picture may be done by now.
    await stage.button('Paint again').click()
    await expect(stage.stat('Tiles running')).toHaveText('1')
  })

  test('Cancel ends the tiles that wait, and the picture can be painted again', async ({ stage }) => {
    await stage.setWorkers(1)
    await stage.choose('Place in the set', 'Deep island')
    await stage.painted(2)
    await expect(stage.stat('Tiles waiting')).not.toHaveText('0')
    await stage.button('Cancel').click()
    await expect(stage.progress).toHaveText(/^Cancelled\. /)
    const text = (await stage.progress.textContent())!
    expect(text).not.toMatch(/ (\d+) of \1 tiles/)
    await expect(stage.stat('Tiles waiting')).toHaveText('0')
    await expect(stage.stat('Tiles running')).toHaveText('0')
    await expect(stage.button('Cancel')).toBeDisabled()
    expect(await stage.progress.textContent()).toBe(text)
    await stage.choose('Place in the set', 'Antenna')
    await stage.done()
  })

  test('filters a dropped picture: all tiles together are the filter applied to the whole', async ({ page, stage }) => {
    const size = { width: 260, height: 210 }
    const file = await stage.makePicture('dropped.png', size)
    const pixels = await stage.pixelsOf(file)
    await stage.drop(file)
    await expect(stage.caption).toContainText('dropped.png, 260 × 210 pixels.')
    await expect(page.getByRole('radio', { name: 'Image filter' })).toBeChecked()
    for (const [name, { title, margin, apply }] of Object.entries(filters)) {
      await stage.choose('Filter', title)
      await expect(stage.runs.first()).toContainText(title)
      await stage.done()
      const expected = { ...size, data: apply(cut(pixels, { x: 0, y: 0, ...size }, margin)) }
      expect(difference(pixels, expected), `${name} changes the picture`).toBeGreaterThan(20)
      // The last bit of `tanh` may differ between browsers and Node.js.
      const allowed = name === ('pencil' satisfies FilterName) ? 1 : 0
      expect(difference(await stage.shown(), expected), `${name} as shown`).toBeLessThanOrEqual(allowed)
      expect(difference(await stage.saved(), expected), `${name} as saved`).toBeLessThanOrEqual(allowed)
    }
  })

  test('scales a large picture down, and the main thread stays free', async ({ page, stage }) => {
    const file = await stage.makePicture('large.png', { width: 5_000, height: 3_000 })
    await stage.setWorkers(2)
    const longest = await longestTask(page, async () => {
      await stage.drop(file)
      await expect(stage.caption).toContainText('large.png, 4,472 × 2,683 pixels, scaled from 5,000 × 3,000.')
      await expect(stage.progress).toContainText(`of ${SAMPLE_TILES} tiles`)
      await stage.painted(40)
      await stage.button('Cancel').click()
    })
    console.log(`12 megapixels: longest task ${Math.round(longest.busy)} ms of a processor, ${longest.elapsed} ms`)
    expect(longest.busy).toBeLessThan(LONGEST)
  })

  test('says of a file that it is no picture, and goes on', async ({ page, stage }) => {
    await stage.drop(await page.evaluateHandle(() => new File(['no picture'], 'notes.txt', { type: 'text/plain' })))
    await expect(stage.caption).toContainText("notes.txt can't be read as a picture.")
    await stage.choose('Place in the set', 'Antenna')
    await stage.done()
  })

  test('zooms by click, wheel, keys, buttons and pinch, and moves by drag', async ({ page, stage }) => {
    const zoom = (text: string): Promise<void> => expect(stage.caption).toContainText(`Zoom ${text},`)
    await stage.choose('Place in the set', 'The whole set')
    await zoom('1.0')
    await stage.picture.click()
    await zoom('2.5')
    await stage.picture.click({ modifiers: ['Shift'] })
    await zoom('1.0')
    await page.mouse.wheel(0, -350)
    await zoom('2.0')
    await page.keyboard.press('0')
    await zoom('1.0')
    await page.keyboard.press('+')
    await zoom('1.6')
    await page.keyboard.press('-')
    await stage.button('Zoom in').click()
    await zoom('2.0')
    await stage.button('Zoom out').click()
    await zoom('1.0')

    await expect(stage.caption).toContainText('at −0.65 + 0.00 i')
    await stage.picture.focus()
    await page.keyboard.press('ArrowUp')
    await expect(stage.caption).toContainText('at −0.65 + 0.30 i')
    const { x, y, width, height } = (await stage.picture.boundingBox())!
    const [across, down] = [x + width / 2, y + height / 2]
    await page.mouse.move(across, down)
    await page.mouse.down()
    await page.mouse.move(across, down + 0.12 * height, { steps: 4 })
    await page.mouse.up()
    await expect(stage.caption).toContainText('at −0.65 + 0.60 i')

    const touches = await page.context().newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart?: number): Promise<unknown> => {
      const points = apart ? [across - apart / 2, across + apart / 2] : []
      return touches.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: points.map((x, id) => ({ x, y: down, id })),
      })
    }
    await touch('touchStart', 40)
    for (const apart of [60, 80, 100, 120]) await touch('touchMove', apart)
    await touch('touchEnd')
    await zoom('3.0')
    await stage.done()
  })

  test('zooms no deeper than numbers of 64 bits do', async ({ page, stage }) => {
    await stage.choose('Place in the set', 'Deep island')
    await stage.picture.focus()
    for (let n = 0; n < 12; n++) await page.keyboard.press('+')
    await expect(stage.caption).toContainText('This is as deep as 64-bit numbers go.')
    const deepest = (await stage.caption.textContent())!
    await page.keyboard.press('+')
    expect(await stage.caption.textContent()).toBe(deepest)
    await page.keyboard.press('-')
    await expect(stage.caption).not.toContainText('This is as deep')
  })

  test('compares: the main thread, then one worker, then all', async ({ stage }) => {
    await stage.setWorkers(2)
    await stage.choose('Place in the set', 'Antenna')
    await stage.done()
    await stage.button('Compare').click()
    for (const [place, text] of ['2 workers', '1 worker', 'Main thread'].entries())
      await expect(stage.runs.nth(place)).toContainText(text)
  })

  test('frames tiles in the colours of workers, and not where motion is to be reduced', async ({ page, stage }) => {
    const marks = page.locator('#marks')
    await stage.choose('Place in the set', 'Antenna')
    await stage.done()
    await expect(marks.locator('*')).toHaveCount(0)
    const shown = await marks.evaluateHandle((marks) => {
      const colours = new Set<string>()
      new MutationObserver(() => {
        for (const { style } of marks.children as HTMLCollectionOf<HTMLElement>) colours.add(style.borderColor)
      }).observe(marks, { childList: true })
      return colours
    })
    const colours = (): Promise<number> => shown.evaluate(({ size }) => size)
    await stage.setWorkers(2)
    // On a busy machine one worker may have painted all before the other one has started.
    await expect(async () => {
      await stage.button('Paint again').click()
      await stage.done()
      expect(await colours()).toBe(2)
    }).toPass()
    await expect(marks.locator('*')).toHaveCount(0)

    await page.emulateMedia({ reducedMotion: 'reduce' })
    await shown.evaluate((colours) => colours.clear())
    await stage.button('Paint again').click()
    await stage.painted(1)
    await stage.done()
    expect(await colours()).toBe(0)
  })

  for (const [device, viewport] of [
    ['a phone', { width: 390, height: 844 }],
    ['a desktop', { width: 1280, height: 800 }],
  ] as const)
    test(`fits ${device}, and axe finds nothing wrong, light and dark`, async ({ page, stage }) => {
      await page.setViewportSize(viewport)
      for (const scene of ['Mandelbrot set', 'Image filter'] as const) {
        await stage.check(scene)
        await stage.painted(1)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          const { violations } = await new AxeBuilder({ page }).analyze()
          expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([])
        }
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
      }
    })
})
