import { Ask } from './ask.js'
import type { Access } from './message.js'

/** No argument reads, one writes. */
export const accessOf = (args: readonly unknown[]): Access => (args.length === 0 ? 'read' : 'write')

/** A call that reads or writes a property. */
export class PropertyAsk extends Ask {
  readonly #access = accessOf(this.args)

  override get access(): Access {
    return this.#access
  }
}
