import { Dispatcher } from './dispatcher.js'
import { asActorError } from './ground/errors.js'
import type { Actors } from './realm/hosting.js'
import type { Channel } from './transport/channel.js'

/**
 * Runs `actors` in this realm, at the far end of a channel. What hosts them comes with their classes, which extend `Actor`
 * or are given as `actor(Class)`; where none does, the near end fails as `malformed`.
 */
export function inline(near: Channel, far: Channel, actors: Actors): Channel {
  const failed = (error: unknown): void =>
    near.fail(asActorError(error, 'start-failed', 'the actors cannot run in this realm'))
  new Dispatcher().connect({ open: () => far }, { actors }).catch(failed)
  return near
}
