import { element } from '../element.js'
import { Explorer } from './explorer.js'
import { type FilterName, filters } from './filters/index.js'
import { FrameGraph } from './frame-graph.js'
import { Frames } from './frames.js'
import { Gallery } from './gallery.js'
import { listen } from './gestures.js'
import { onFile } from './dropping.js'
import { inPage } from './page-renderer.js'
import { places } from './places.js'
import { inPool, painter, workers } from './pool-renderer.js'
import source from './pool-renderer.ts?raw'
import { PoolView } from './pool-view.js'
import { RunTable } from './run-table.js'
import { Studio, type Where } from './studio.js'
import { Surface } from './surface.js'

/** Milliseconds between two looks at the pool and at the frame rate. */
const LOOK = 250
/** Pixels that the canvas of the Mandelbrot set has for one of the page at most. */
const DENSEST = 2

/** Milliseconds in which a browser has begun to save a file. */
const DOWNLOAD = 10_000

const canvas = element<HTMLCanvasElement>('picture')
const frame = element('frame')
const caption = element('caption')
const hint = element('hint')
const slider = element<HTMLInputElement>('workers')
const filter = element<HTMLSelectElement>('filter')
const place = element<HTMLSelectElement>('place')
const file = element<HTMLInputElement>('file')
const split = element<HTMLInputElement>('split')
const again = element<HTMLButtonElement>('again')

const frames = new Frames()
const surface = new Surface(canvas, element('marks'))
const studio = new Studio(surface, frames, new RunTable())
const gallery = new Gallery(surface, element<HTMLCanvasElement>('original'))
const explorer = new Explorer(surface, Object.values(places)[0]!, moved, () => void paint())
const poolView = new PoolView()
new FrameGraph(element<HTMLCanvasElement>('frame-graph'), frames)

const radio = (name: string, value: string): HTMLInputElement =>
  document.querySelector<HTMLInputElement>(`input[name="${name}"][value="${value}"]`)!
const isMandelbrot = (): boolean => radio('scene', 'mandelbrot').checked

function where(): Where {
  if (radio('where', 'page').checked) return { name: 'Main thread', render: inPage }
  const { size } = workers.info()
  return { name: size === 1 ? '1 worker' : `${size} workers`, render: inPool }
}

/** Paints what is chosen. Resolves with whether it was done. */
async function paint(): Promise<boolean> {
  describe()
  if (isMandelbrot()) {
    fit()
    return studio.paint(explorer.job(), where())
  }
  if (gallery.isEmpty) {
    if (!(await studio.paint(gallery.sampleJob(), where()))) return false
    gallery.hang(studio.painted!)
    describe()
  }
  return studio.paint(gallery.filterJob(filter.value as FilterName), where())
}

function describe(): void {
  const isSet = isMandelbrot()
  element('mandelbrot-tools').hidden = !isSet
  element('picture-tools').hidden = isSet
  frame.dataset['scene'] = isSet ? 'mandelbrot' : 'picture'
  canvas.setAttribute('aria-label', isSet ? 'Mandelbrot set' : 'Filtered picture')
  canvas.setAttribute('role', isSet ? 'application' : 'img')
  canvas.tabIndex = isSet ? 0 : -1
  split.hidden = isSet || gallery.isEmpty
  caption.textContent = isSet ? explorer.caption : gallery.caption
  hint.textContent = isSet
    ? 'Click, scroll or pinch to zoom, drag to move. Keys: arrows, +, −, 0.'
    : 'Drag across it to see the original. Drop, paste or choose a picture of your own.'
}

/** The view has changed: what is being painted is of no use. */
function moved(): void {
  studio.cancel()
  place.value = Object.keys(places).find((name) => places[name] === explorer.view) ?? ''
  caption.textContent = explorer.caption
}

/** Gives the canvas as many pixels as the screen has for it. */
function fit(): void {
  const { clientWidth, clientHeight } = frame
  const density = Math.min(devicePixelRatio, DENSEST)
  surface.resize({ width: Math.round(clientWidth * density), height: Math.round(clientHeight * density) })
}

async function open(picture: File): Promise<void> {
  studio.cancel()
  caption.textContent = `Reading ${picture.name}…`
  try {
    await gallery.open(picture)
  } catch {
    caption.textContent = `${picture.name} can't be read as a picture.`
    return element('announcement').replaceChildren(caption.textContent)
  }
  radio('scene', 'picture').checked = true
  await paint()
}

function resize(count: number): void {
  slider.value = String(count)
  element('workers-count').textContent = String(count)
  const each = count > 1 ? `, with 1 worker, and with ${count}` : ' and with 1 worker'
  element('compare-note').textContent = `Paints it on the main thread${each}.`
  workers.resize(count)
}

/** The same work on the main thread, by one worker, and by all. */
async function compare(): Promise<void> {
  const most = slider.valueAsNumber
  radio('where', 'page').checked = true
  let isDone = await paint()
  radio('where', 'pool').checked = true
  for (const count of most > 1 ? [1, most] : [1]) {
    resize(count)
    isDone &&= await paint()
  }
}

async function save(): Promise<void> {
  const { painted } = studio
  if (!painted) return
  const link = document.createElement('a')
  link.download = 'troupe.png'
  link.href = URL.createObjectURL(await painter.encode(painted))
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD)
}

for (const [name, { title }] of Object.entries(filters)) filter.add(new Option(title, name))
filter.value = 'pencil' satisfies FilterName
for (const name of Object.keys(places)) place.add(new Option(name))
place.value = Object.keys(places)[0]!
slider.max = String(Math.max(4, Math.min(16, navigator.hardwareConcurrency)))
element('source').textContent = source.trim()

listen(canvas, explorer)
onFile(frame, (picture) => void open(picture))
file.addEventListener('change', () => {
  if (file.files![0]) void open(file.files![0])
  file.value = ''
})
for (const input of document.querySelectorAll('input[type="radio"]'))
  input.addEventListener('change', () => void paint())
filter.addEventListener('change', () => void paint())
place.addEventListener('change', () => explorer.go(places[place.value]!))
element('zoom-in').addEventListener('click', () => explorer.zoom(2, 0, 0))
element('zoom-out').addEventListener('click', () => explorer.zoom(0.5, 0, 0))
split.addEventListener('input', () => frame.style.setProperty('--split', `${split.value}%`))
slider.addEventListener('input', () => resize(slider.valueAsNumber))
again.addEventListener('click', () => void paint())
element('compare').addEventListener('click', () => void compare())
element('save').addEventListener('click', () => void save())

setInterval(() => {
  poolView.show(workers.info())
  element('frame-rate').textContent = frames.rate.toFixed(0)
}, LOOK)

let width = frame.clientWidth
new ResizeObserver(() => {
  if (frame.clientWidth === width) return
  width = frame.clientWidth
  if (isMandelbrot()) void paint()
}).observe(frame)

resize(Math.min(workers.info().size, Number(slider.max)))
await paint()
