import { ActorError } from '../ground/errors.js'
import { type HostedClass, HOSTS } from '../realm/hosting.js'
import type { ActorClass } from '../supervision/spawn-options.js'
import { hostingOf } from './hosting.js'

const made = new WeakMap<ActorClass, HostedClass>()

/**
 * Prepares a class that does not extend `Actor` for `dispatcher.spawn` and `connect(…, { actors })`.
 *
 * Returns a subclass of the same name, and the same one each time. Throws `malformed` for anything but a class.
 */
export function actor<C extends ActorClass>(plain: C): C & HostedClass {
  // A function that is no constructor has no prototype.
  if (typeof plain !== 'function' || !plain.prototype) throw new ActorError('malformed', 'actor takes a class')
  let hosted = made.get(plain)
  if (!hosted) {
    // Of the same name, and with nothing of its own.
    const { [plain.name]: Hosted } = { [plain.name]: class extends plain {} }
    hosted = Object.assign(Hosted!, { [HOSTS]: hostingOf })
    made.set(plain, hosted)
  }
  return hosted as C & HostedClass
}
