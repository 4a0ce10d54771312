import { Dispatcher } from 'troupe'
import source from './counter.ts?raw'
import { drive } from './drive.js'
import { Panel } from './panel.js'
import { type Place, places } from './places.js'

/** Milliseconds between two attempts to open a place that has gone. */
const PAUSE = 1_000

const dispatcher = new Dispatcher()

async function open(panel: Panel, place: Place, isBack = false): Promise<void> {
  const { counter, closed } = await place.open(dispatcher)
  drive(panel, counter)
  panel.show(await counter.increment(0))
  panel.up(isBack ? 'Connected again. This counter is new.' : 'Running')
  void closed?.then(() => reopen(panel, place))
}

/** Tries until the place is there again. */
async function reopen(panel: Panel, place: Place): Promise<void> {
  for (;;) {
    panel.down(place.gone)
    await panel.pressed('reopen', PAUSE)
    try {
      return await open(panel, place, true)
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
