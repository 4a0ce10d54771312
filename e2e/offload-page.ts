import type { JSHandle, Locator, Page } from '@playwright/test'
import type { Pixels, Size } from '../demo/offload/pixels.js'
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

  /** Drops a file on the picture. */
  async drop(file: JSHandle<File>): Promise<void> {
    const dataTransfer = await this.page.evaluateHandle((file) => {
      const transfer = new DataTransfer()
      transfer.items.add(file)
      return transfer
    }, file)
    for (const event of ['dragenter', 'dragover', 'drop'])
      await this.picture.dispatchEvent(event, { dataTransfer, bubbles: true, cancelable: true })
  }

  /** Makes a picture file with an edge, slopes and noise. */
  makePicture(name: string, { width, height }: Size): Promise<JSHandle<File>> {
    return this.page.evaluateHandle(
      async ({ name, width, height }) => {
        const canvas = new OffscreenCanvas(width, height)
        const context = canvas.getContext('2d')!
        const slope = context.createLinearGradient(0, 0, width, height)
        slope.addColorStop(0, 'rgb(10, 40, 160)')
        slope.addColorStop(1, 'rgb(240, 200, 20)')
        context.fillStyle = slope
        context.fillRect(0, 0, width, height)
        context.fillStyle = 'rgb(160, 20, 60)'
        context.fillRect(width * 0.4, height * 0.3, width * 0.3, height * 0.5)
        for (let n = 0, seed = 1; n < 2_000; n++) {
          seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
          context.fillStyle = `rgb(${seed >>> 24}, ${(seed >>> 16) & 255}, ${(seed >>> 8) & 255})`
          context.fillRect((seed >>> 8) % width, (seed >>> 16) % height, 2, 2)
        }
        return new File([await canvas.convertToBlob()], name, { type: 'image/png' })
      },
      { name, width, height },
    )
  }

  /** The pixels that the page shows. */
  async shown(): Promise<Pixels> {
    const url = await this.picture.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())
    return this.#read(Buffer.from(url.split(',')[1]!, 'base64'))
  }

  /** The pixels of the file that the button makes. */
  async saved(): Promise<Pixels> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.button('Save').click()])
    const parts: Buffer[] = []
    for await (const part of await download.createReadStream()) parts.push(part as Buffer)
    return this.#read(Buffer.concat(parts))
  }

  /** The pixels of a picture file. */
  async pixelsOf(file: JSHandle<File>): Promise<Pixels> {
    return this.#read(
      Buffer.from(await file.evaluate(async (file) => Array.from(new Uint8Array(await file.arrayBuffer())))),
    )
  }

  async #read(file: Buffer): Promise<Pixels> {
    const { width, height, data } = await this.page.evaluate(async (text) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
      const image = await createImageBitmap(new Blob([bytes]))
      const { width, height } = image
      const context = new OffscreenCanvas(width, height).getContext('2d')!
      context.drawImage(image, 0, 0)
      const { data } = context.getImageData(0, 0, width, height)
      let letters = ''
      for (let at = 0; at < data.length; at += 4096) letters += String.fromCharCode(...data.subarray(at, at + 4096))
      return { width, height, data: btoa(letters) }
    }, file.toString('base64'))
    return { width, height, data: new Uint8ClampedArray(Buffer.from(data, 'base64')) }
  }
}
