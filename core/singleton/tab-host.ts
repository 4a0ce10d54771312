import type { Cell } from '../actor/cell.js'
import { ActorError } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import { control } from '../message/request.js'
import { requireRef } from '../proxy/proxy.js'
import type { Hosting } from '../realm/hosting.js'
import type { Realm } from '../realm/realm.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import type { Supervised } from '../supervision/supervised.js'
import type { Host } from './host.js'
import { Line } from './line.js'
import type { Platform } from './platform.js'
import { targetAt } from './target.js'

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
  /** The actor that this realm runs, or was the last one to run here, from the moment that it begins to start. */
  let own: Cell | undefined

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

  return {
    async start() {
      drop(false)
      const start = (cell: Supervised): undefined => void (own = cell as Cell)
      return targetAt(await hosting.spawn(actor, options, { start }))
    },
    async reach(knock) {
      drop(false)
      const id = realm.env.id()
      knock(id)
      const link = await open(id, false)
      return targetAt(requireRef(await link.request('lookup', [options.name])), link)
    },
    knocked(line) {
      // One that does not open is of no use to whoever knocked: it knocks again.
      open(line, true).catch(() => {})
    },
    abandon() {
      if (!own) return
      // What it is doing has no outcome here: the next leader does it again.
      drop(true)
      own.life.ending.terminate(over)
    },
    // One that is killed does not come back here. No time limit of calls applies: no other realm may lead before it has ended.
    stop: async (verb, how) =>
      own && control(own, 'stop', verb === 'kill' ? { ...Object(how), mode: 'kill' } : how, Infinity),
    close() {
      for (const link of links) {
        ;(link.transport as Line).lastRead = Infinity
        link.close(over)
      }
    },
  }
}
