import type { Cell } from '../actor/cell.js'
import { queueMicrotask } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import { Link } from '../link/link.js'
import { LinkRoute } from '../remote/link-route.js'
import { RemoteRef } from '../remote/remote-ref.js'
import type { Place } from './parcel.js'
import { redirect } from './redirect.js'

/**
 * The way over one link that an actor left by. Where that ends, no other way is looked for: what came by it would mix with
 * what is held there for the actor.
 */
class OnlyRoute extends LinkRoute {
  override get open(): boolean {
    return true
  }

  /** Whoever watches it once the link has ended is told so. */
  override watch(listener: (reason: unknown) => void): () => void {
    const { carrier } = this
    if (carrier.open) return super.watch(listener)
    let isWatched = true
    queueMicrotask(() => isWatched && listener(new ActorError('unreachable', `the link to ${carrier.peer} ended`)))
    return () => (isWatched = false)
  }
}

/** A reference to the actor where it goes. */
export function placeOf({ home, name, kind }: Cell, link: Link, { index, id }: Place): RemoteRef {
  const key = link.trusted ? `${link.peer}/${id}` : `${link.references.serial}#${index}`
  const address = { id, name, path: `/${name ?? id}`, kind, realm: link.peer }
  const to = new RemoteRef(home, address, key, new OnlyRoute(link, index))
  link.took(index, to)
  return to
}

/**
 * The realm that started this one, and spawned the actor, would spawn it anew if this realm died. It is told that the actor
 * leaves, unless it goes there. Rejects with `not-movable` where it does not understand.
 */
export async function tellSpawner(cell: Cell, link: Link): Promise<void> {
  const { spawner } = cell.life
  if (!(spawner instanceof Link) || spawner === link || !spawner.options.requestHandler.offer.ends) return
  const index = spawner.references.exports.indexOf(cell)
  if (index === undefined) return
  try {
    await spawner.request('moved', [index])
  } catch (cause) {
    if (!spawner.open) return
    const text = `${cell.address.path} cannot be moved: the realm that spawned it does not use troupe/move`
    throw new ActorError('not-movable', text, { cause })
  }
}

/** An actor that was spawned over a link has moved on: it is not spawned again when its realm dies. */
export function movedOn(link: Link, index: number): void {
  const { imports } = link.references
  const ref = imports.at(index)
  if (!ref || ref.actual !== ref) return
  // What brings actors back leaves those alone that lead elsewhere.
  const same = new RemoteRef(ref.home, ref.address, ref.key, ref.route)
  const held = ref.leases.find((lease) => lease.index === index && lease.lessor.deref() === imports)!
  link.took(index, same)
  // It was handed out no more often than before: the new one gives back what the other one had.
  same.leases[0]!.count = held.count
  held.count = 0
  redirect(ref, same)
}
