import { type HOSTS, type Hosts, movableOf } from '../realm/hosting.js'

/** What `movable` returns. */
export interface Movable {
  readonly key: string
  readonly version: number
  readonly [HOSTS]: Hosts
}

/** A class whose actors can be moved. */
export interface MovableClass {
  readonly movable: Movable
}

/** What a class says of moves, if it does. */
export const saidBy = (actorClass: object | undefined): Movable | undefined =>
  actorClass && movableOf(actorClass) ? (actorClass as MovableClass).movable : undefined
