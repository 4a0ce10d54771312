import { checkPage, clickUntil, shows } from './page.mjs'

export const checkVue = (app) =>
  checkPage(app, async (page) => {
    await shows(page, '#marks', [...Array(3).fill(false), ...Array(7).fill(true)].join())
    await shows(page, '#sums', '3,7,11')
    await shows(page, '#item', '1')
    await page.click('#stop')
    await clickUntil(page, '#counts', '3,1')
    return 'a proxy is none of Vue, and stays itself; 3 calls, 1 stream that was left'
  })
