import type { Guest } from '../../core/adapter.js'
import type { Leaf } from './leaf.js'
import type { Line } from './line.js'

/** What the bus is told of a leaf. `ask` asks it to send again what was not taken in a pause. */
export const guestOf = ({ name }: Leaf, { incoming, outgoing }: Line, ask: () => void): Guest => ({
  facts: { leaf: name },
  get buffered() {
    return outgoing.keptBytes
  },
  admitted: () => incoming.admit(),
  pause(paused) {
    if (incoming.pause(paused)) ask()
  },
})
