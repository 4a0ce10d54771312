import type { Locator, Page } from '@playwright/test'
import type { Pixels } from '../demo/offload/pixels.js'
import { expect } from './test.js'

/** The page of the demo's stage Offload, as its visitor sees it. */
export class OffloadPage {
  readonly progress: Locator
  readonly caption: Locator
  readonly workers: Locator
  readonly runs: Locator
  readonly picture: Locator

  constructor(readonly page: Page) {
    this.progress = page.locator('#progress-text')
    this.caption = page.locator('.caption')
    this.workers = page.getByRole('list', { name: 'Workers' }).getByRole('listitem')
    this.runs = page.locator('.runs tbody tr')
    this.picture = page.locator('#picture')
  }

  async open(demo: string): Promise<void> {
    await this.page.goto(new URL('offload.html', demo).href)
    await expect(this.caption).toContainText('Zoom')
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  async setWorkers(count: number): Promise<void> {
    await this.page.getByRole('slider', { name: 'Workers' }).fill(String(count))
  }

  /** Goes to a place in the Mandelbrot set, or takes a filter. */
  async choose(list: 'Place in the set' | 'Filter', name: string): Promise<void> {
    await this.page.getByRole('combobox', { name: list }).selectOption(name)
  }

  async check(name: 'Mandelbrot set' | 'Image filter' | 'Workers' | 'Main thread'): Promise<void> {
    await this.page.getByRole('radio', { name, exact: true }).check()
  }

  /** One of the numbers of the pool. */
  stat(name: string): Locator {
    return this.page.locator(`dt:text-is("${name}") + dd`)
  }

  async done(): Promise<void> {
    await expect(this.progress).toHaveText(/^Done\. (\d+) of \1 tiles, /, { timeout: 60_000 })
  }

  /** Waits until so many tiles are painted, and resolves with how many are. */
  async painted(least: number): Promise<number> {
    const tiles = async (): Promise<number> => Number(/(\d+) of/.exec((await this.progress.textContent())!)?.[1])
    await expect.poll(tiles).toBeGreaterThanOrEqual(least)
    return tiles()
  }

  /** Drops a file on the picture. `data` is base64. */
  async drop(name: string, type: string, data: string): Promise<void> {
    const dataTransfer = await this.page.evaluateHandle(
      async ({ name, type, data }) => {
        const transfer = new DataTransfer()
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
        transfer.items.add(new File([bytes], name, { type }))
        return transfer
      },
      { name, type, data },
    )
    for (const event of ['dragenter', 'dragover', 'drop'])
      await this.picture.dispatchEvent(event, { dataTransfer, bubbles: true, cancelable: true })
  }

  /** The pixels that the page shows. */
  async shown(): Promise<Pixels> {
    return this.#read((await this.picture.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())).split(',')[1]!)
  }

  /** The pixels of the file that the button makes. */
  async saved(): Promise<Pixels> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.button('Save').click()])
    const parts: Buffer[] = []
    for await (const part of await download.createReadStream()) parts.push(part as Buffer)
    return this.#read(Buffer.concat(parts).toString('base64'))
  }

  /** The pixels of a PNG file. */
  async #read(data: string): Promise<Pixels> {
    const { width, height, bytes } = await this.page.evaluate(async (data) => {
      const file = new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))])
      const image = await createImageBitmap(file)
      const { width, height } = image
      const context = new OffscreenCanvas(width, height).getContext('2d')!
      context.drawImage(image, 0, 0)
      return { width, height, bytes: Array.from(context.getImageData(0, 0, width, height).data) }
    }, data)
    return { width, height, data: new Uint8ClampedArray(bytes) }
  }
}

/** Makes a picture with edges, slopes and noise: the file as base64, and its pixels. */
export async function makePicture(page: Page, width: number, height: number): Promise<[file: string, pixels: Pixels]> {
  const { file, bytes } = await page.evaluate(
    async ([width, height]) => {
      const canvas = document.createElement('canvas')
      canvas.width = width
      canvas.height = height
      const context = canvas.getContext('2d')!
      const image = context.createImageData(width, height)
      for (let at = 0, seed = 1; at < image.data.length; at++) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
        const [x, y] = [(at >> 2) % width, Math.floor((at >> 2) / width)]
        const isInCircle = Math.hypot(x - width / 2, y - height / 2) < height / 3
        const slope = at % 4 === 0 ? x / width : at % 4 === 1 ? y / height : 0.5
        image.data[at] = at % 4 === 3 ? 255 : (isInCircle ? 255 - 200 * slope : 200 * slope) + (seed >>> 27)
      }
      context.putImageData(image, 0, 0)
      const file = canvas.toDataURL().split(',')[1]!
      // Of a large picture only the file is wanted.
      return { file, bytes: width * height > 1e6 ? [] : Array.from(image.data) }
    },
    [width, height] as const,
  )
  return [file, { width, height, data: new Uint8ClampedArray(bytes) }]
}
