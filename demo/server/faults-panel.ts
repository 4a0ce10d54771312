import type { Proxy } from 'troupe'
import { element } from '../element.js'
import type { Faults } from './faults.js'

/** The buttons that break something. `tab` is the id of the page's dispatcher; `log` gets what was done. */
export function listen(faults: Proxy<Faults>, tab: string, log: (text: string) => void): void {
  const time = element<HTMLSelectElement>('time')
  const on = (id: string, text: string, work: (ms: number) => Promise<void>): void => {
    const button = element<HTMLButtonElement>(id)
    button.disabled = false
    button.addEventListener('click', () => {
      log(`${text} (${time.selectedOptions[0]!.text}).`)
      work(Number(time.value) * 1_000).catch(() => log('The demo’s server cannot be reached.'))
    })
  }
  on('cut', 'You cut the connection', (ms) => faults.cut(tab, ms))
  on('freeze', 'You froze the connection', (ms) => faults.freeze(tab, ms))
  on('restart', 'You restarted the server', (ms) => faults.restart(ms))
}
