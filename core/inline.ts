import { Dispatcher } from './dispatcher.js'
import { asActorError } from './ground/errors.js'
import type { CloseOptions } from './message/stop-options.js'
import type { HostOffer } from './peers/link-offer.js'
import type { Actors } from './realm/hosting.js'
import type { Channel } from './transport/channel.js'

/**
 * Runs actors in this realm, behind the far end of a channel. Their classes must extend `Actor`, or be given as
 * `actor(Class)`; otherwise the near end fails with `malformed`.
 *
 * Returns the near end.
 */
export function inline(near: Channel, far: Channel, actors: Actors): Channel {
  const failed = (error: unknown): void =>
    near.fail(asActorError(error, 'start-failed', 'the actors cannot run in this realm'))
  const dispatcher = new Dispatcher()
  const offer: HostOffer = { actors, ends: (options) => dispatcher.close(options as CloseOptions) }
  dispatcher.connect({ open: () => far }, offer).catch(failed)
  return near
}
