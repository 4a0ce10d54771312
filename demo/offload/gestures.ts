/** What a visitor does to a canvas, in its pixels from its centre. */
export interface Gestures {
  /** Moves what is shown to the right and down. */
  move(dx: number, dy: number): void
  /** Makes what is shown larger by a factor around a point that stays. False if it can't be. */
  zoom(factor: number, x: number, y: number): boolean
  reset(): void
}

/** Pixels of the page that a pointer moves before it is more than a click. */
const STILL = 6
const CLICK = 2.5
const KEY = 1.6
/** The part of the canvas that an arrow key moves by. */
const STEP = 0.12

/** Listens to pointers, the wheel and keys. */
export function listen(canvas: HTMLCanvasElement, to: Gestures): void {
  const pointers = new Map<number, PointerEvent>()
  let travelled = 0

  const ratio = (): number => canvas.width / canvas.clientWidth
  const place = ({ clientX, clientY }: { clientX: number; clientY: number }): [x: number, y: number] => {
    const { left, top, width, height } = canvas.getBoundingClientRect()
    return [(clientX - left - width / 2) * ratio(), (clientY - top - height / 2) * ratio()]
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    canvas.setPointerCapture(event.pointerId)
    if (pointers.size === 0) travelled = 0
    pointers.set(event.pointerId, event)
  })
  canvas.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId)
    if (!before) return
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY]
    travelled += Math.hypot(dx, dy)
    // Until it is more than a click, nothing moves, and nothing of the way is lost.
    if (travelled < STILL) return
    pointers.set(event.pointerId, event)
    const other = [...pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId)
    if (!other) return to.move(dx * ratio(), dy * ratio())
    const apart = (one: PointerEvent): number =>
      Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY))
    to.move((dx / 2) * ratio(), (dy / 2) * ratio())
    to.zoom(apart(event) / apart(before), ...place(middle(event, other)))
  })
  canvas.addEventListener('pointerup', (event) => {
    const isClick = pointers.delete(event.pointerId) && pointers.size === 0 && travelled < STILL
    if (isClick) to.zoom(event.shiftKey ? 1 / CLICK : CLICK, ...place(event))
  })
  canvas.addEventListener('pointercancel', (event) => {
    pointers.delete(event.pointerId)
    travelled = Infinity
  })

  canvas.addEventListener(
    'wheel',
    (event) => {
      // A pinch on a touchpad comes as small steps of the wheel, with the control key.
      const speed = event.ctrlKey ? 0.01 : event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 0.06 : 0.002
      const power = Math.min(Math.max(-event.deltaY * speed, -1), 1)
      // At either end of the zoom the page scrolls on.
      if (to.zoom(Math.exp(power), ...place(event))) event.preventDefault()
    },
    { passive: false },
  )

  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const [across, down] = [STEP * canvas.width, STEP * canvas.height]
    const actions: Record<string, () => unknown> = {
      ArrowLeft: () => to.move(across, 0),
      ArrowRight: () => to.move(-across, 0),
      ArrowUp: () => to.move(0, down),
      ArrowDown: () => to.move(0, -down),
      '+': () => to.zoom(KEY, 0, 0),
      '=': () => to.zoom(KEY, 0, 0),
      '-': () => to.zoom(1 / KEY, 0, 0),
      '0': () => to.reset(),
      Home: () => to.reset(),
    }
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  })
}

const middle = (one: PointerEvent, other: PointerEvent): { clientX: number; clientY: number } => ({
  clientX: (one.clientX + other.clientX) / 2,
  clientY: (one.clientY + other.clientY) / 2,
})
