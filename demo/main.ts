import { Dispatcher, type Proxy } from 'troupe'
import type { Counter } from './counter.js'
import source from './counter.ts?raw'
import { drive } from './drive.js'
import { Panel } from './panel.js'
import { type Place, places } from './places.js'

/** Milliseconds between two attempts to open a place that has gone. */
const PAUSE = 1_000

const dispatcher = new Dispatcher()

async function open(panel: Panel, place: Place): Promise<void> {
  const { counter, peer } = await place.open(dispatcher)
  drive(panel, counter)
  panel.show(await counter.increment(0))
  panel.up('Running')
  // The peer comes back by itself.
  peer?.on('state', (state) => {
    if (state === 'open') void back(panel, counter)
    else if (state === 'reconnecting') panel.down(place.gone, false)
    else void reopen(panel, place)
  })
}

/** The place is there again, with the counter that it had or with a new one. */
async function back(panel: Panel, counter: Proxy<Counter>): Promise<void> {
  const before = panel.count
  panel.show(await counter.increment(0))
  panel.up(panel.count < before ? 'Connected again. This counter is new.' : 'Connected again.')
}

/** Tries until the place is there again. */
async function reopen(panel: Panel, place: Place): Promise<void> {
  for (;;) {
    panel.down(place.gone, true)
    await panel.pressed('reopen', PAUSE)
    try {
      return await open(panel, place)
    } catch {
      // The panel says already what is the matter.
    }
  }
}

const parent = document.querySelector('#places')!
const template = document.querySelector<HTMLTemplateElement>('#panel')!
const panels = places.map((place, index) => new Panel(parent, template, place, index))

document.querySelector('#source')!.textContent = source.trim()

// All open at once; then each is measured alone, so that none waits for another.
await Promise.all(panels.map((panel, n) => open(panel, places[n]!).catch(() => void reopen(panel, places[n]!))))
for (const panel of panels) await panel.do('measure')
