export { movable } from './movable.js'
export { move } from './move.js'
export type { Destination, MoveOptions } from './move.js'
