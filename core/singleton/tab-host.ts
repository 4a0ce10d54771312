import type { Cell } from '../actor/cell.js'
import { ActorError } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import type { Ref } from '../message/ref.js'
import { control } from '../message/request.js'
import { requireRef } from '../proxy/proxy.js'
import type { Hosting } from '../realm/hosting.js'
import type { Realm } from '../realm/realm.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import type { Host } from './host.js'
import { Line } from './line.js'
import type { Platform } from './platform.js'
import { type Target, targetAt } from './target.js'

/** The realm that leads runs the actor, and each of the others has a line to it. */
export function tabHost(
  realm: Realm,
  platform: Platform,
  hosting: Hosting,
  actor: ActorClass,
  options: AnySpawnOptions,
): Host {
  /** To those that follow this realm, and to the leaders that it follows. */
  const links = new Set<Link>()
  const over = new ActorError('unreachable', 'the realm leads no more, or follows another one')
  /** The actor, once it was reached. */
  let reached: Ref | undefined

  /** Closes the lines to followers, or those to leaders: what was said until now counts, and no more. */
  const drop = (isLeaders: boolean): void => {
    for (const link of links) if ((link.transport as Line).isLeaders === isLeaders) link.close(over)
  }
  const open = async (id: string, isLeaders: boolean): Promise<Link> => {
    const link = await realm.meet!(new Line(platform, id, isLeaders))
    links.add(link)
    void link.closed.then(() => links.delete(link))
    return link
  }
  const targetOf = (ref: Ref, link?: Link): Target => {
    reached = ref
    return targetAt(ref, link)
  }

  return {
    async start() {
      drop(false)
      return targetOf(await hosting.spawn(actor, options))
    },
    async reach(knock) {
      drop(false)
      const id = realm.env.id()
      knock(id)
      const link = await open(id, false)
      return targetOf(requireRef(await link.request('lookup', [options.name])), link)
    },
    knocked(line) {
      // One that does not open is of no use to whoever knocked: it knocks again.
      open(line, true).catch(() => {})
    },
    abandon(target) {
      const { life } = (target?.ref ?? reached ?? {}) as Partial<Cell>
      if (!life) return
      // What it is doing has no outcome here: the next leader does it again.
      drop(true)
      life.ending.terminate(over)
    },
    stop: async (verb, how) => reached && control(reached, verb, how),
    close() {
      for (const link of links) {
        ;(link.transport as Line).lastRead = Infinity
        link.close(over)
      }
    },
  }
}
