import type { Cell } from '../actor/cell.js'

/** In place of an instance that goes on elsewhere. */
const GONE = Object.freeze({})

/** The instance is done: its timers and its functions end. The actor stays, and has none. */
export function retire(cell: Cell): void {
  const { life } = cell
  life.isUp = false
  life.timers.clear()
  cell.abandonAll('moved away')
  life.context = undefined
  cell.instance = GONE
}
