import { checkPage, clickUntil, shows } from './page.mjs'

export const checkReact = (app) =>
  checkPage(app, async (page, way) => {
    // In development each effect runs twice.
    const effects = way === 'built' ? 1 : 2
    await shows(page, '#sum', '3')
    await shows(page, '#item', '1')
    await page.click('text=stop')
    await clickUntil(page, '#counts', `${effects},${effects}`)
    return `calls of an effect: ${effects}, streams that were left: ${effects}`
  })
