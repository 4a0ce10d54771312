import { Dispatcher } from './dispatcher.js'
import { asActorError } from './ground/errors.js'
import type { Actors } from './realm/hosting.js'
import { pair } from './transport/pair.js'
import type { Transport } from './transport/transport.js'

/**
 * Runs `actors` in this realm, as a worker would that hosts them; what hosts them comes with the classes, which extend
 * `Actor` or are given as `actor(Class)`.
 */
export function inline(actors: Actors): Transport {
  const [near, far] = pair()
  new Dispatcher()
    .connect(far, { actors })
    .catch((error: unknown) => near.fail(asActorError(error, 'start-failed', 'the actors cannot run in this realm')))
  return near
}
