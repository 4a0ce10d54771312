import { Holdable } from './holdable.js'

/** A lock: one holder at a time. */
export class Lock extends Holdable {
  constructor() {
    super(1)
  }
}
