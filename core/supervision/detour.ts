import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'

/** Takes what is asked of an actor that moves between realms, or that has moved away. */
export interface Detour {
  /** The actor as it can be reached: itself while it is here. */
  readonly actual: Ref
  /** Does what a request asks for, here or elsewhere, and settles it. */
  control(request: Message): void
  /** Something has come to its end in the actor, and it begins nothing now. */
  rested?(): void
}
