import type { Realm } from '../realm/realm.js'
import type { Origin } from '../supervision/origin.js'
import type { Cell } from './cell.js'

/** What a class has as `static durable`: it makes the cells of actors whose state is stored. */
export interface Durable {
  /** Throws `malformed` where the actor lacks what it needs to be stored. */
  make(home: Realm, id: string, instance: object, origin: Origin | undefined): Cell
}
