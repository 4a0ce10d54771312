import { Dispatcher } from 'troupe'
import source from './counter.ts?raw'
import { drive } from './drive.js'
import { Panel } from './panel.js'
import { type Place, places } from './places.js'

const dispatcher = new Dispatcher()

async function open(panel: Panel, place: Place): Promise<void> {
  panel.opening()
  const { counter, closed } = await place.open(dispatcher)
  drive(panel, counter)
  panel.show(await counter.increment(0))
  panel.up()
  void closed?.then((reason) => panel.down(reason))
}

const parent = document.querySelector('#places')!
const template = document.querySelector<HTMLTemplateElement>('#panel')!
const panels = places.map((place, index) => {
  const panel = new Panel(parent, template, place, index)
  panel.on('reopen', () => open(panel, place))
  return panel
})

document.querySelector('#source')!.textContent = source.trim()

// All open at once; then each is measured alone, so that none waits for another.
await Promise.all(panels.map((panel) => panel.do('reopen')))
for (const panel of panels) await panel.do('measure')
