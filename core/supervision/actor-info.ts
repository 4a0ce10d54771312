import { heapUsed } from '../ground/heap.js'
import type { ActorInfo } from '../proxy/actor-info.js'
import { hasEnded } from './state.js'
import type { Supervised } from './supervised.js'

/** What is told of an actor; answered while it is busy or suspended, too. */
export async function infoOf(actor: Supervised): Promise<ActorInfo> {
  const { home, life } = actor
  const { env } = home
  const asked = env.now()
  await new Promise<void>((resolve) => env.defer(resolve))
  const delay = env.now() - asked
  return {
    name: actor.name,
    id: actor.id,
    kind: actor.kind,
    state: actor.state,
    incarnation: life.incarnation,
    uptime: env.now() - actor.since,
    mailbox: actor.waiting,
    handled: actor.handled,
    restarts: life.recovery.restarts.total,
    methods: [...actor.plan.methods.keys()],
    realm: home.id,
    delay,
    memory: env.memory ? env.memory() : heapUsed(),
    extra: hasEnded(actor.state) ? undefined : await life.ending.bound('onInfo', actor.aside('onInfo')),
  }
}
