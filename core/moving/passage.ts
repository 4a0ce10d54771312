import { Ask } from '../message/ask.js'
import type { Ref } from '../message/ref.js'
import { linkRouteOf } from '../remote/link-route.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import type { Realm } from '../realm/realm.js'

/** Milliseconds that another realm has to say that it passed on all that a broken link brought it. */
const TIMEOUT = 5_000

/** Rejects where the way ends. `mark` tells this fence from all others. */
async function fence(ref: Ref, mark: unknown): Promise<void> {
  const request = new Ask('fence', [mark], undefined, Infinity, undefined)
  ref.control(request)
  await request.promise
}

/**
 * Resolves when all that was sent by this reference has arrived, or never will. Where its link ends, the realm behind it
 * may still pass on what it took: it is asked by other ways.
 */
export async function passed(realm: Realm, to: RemoteRef, mark: unknown): Promise<void> {
  const carrier = linkRouteOf(to)?.carrier
  try {
    await fence(to, mark)
  } catch {
    if (!carrier?.trusted || carrier.open) return
    const { lines } = realm.routes
    const next = lines.get(carrier.peer)
    const question = [carrier.peer, realm.id, to.key, mark]
    const asked = next ? [next] : [...lines.values()]
    await Promise.allSettled(asked.map((line) => line.request('passed', question, TIMEOUT)))
  }
}

/** Resolves when all has arrived that the realm `via` took of `from` for an actor, whose link with it ended. */
export async function passedBy({ id, routes, actors, remotes }: Realm, question: readonly unknown[]): Promise<void> {
  const [via, from, key, mark] = question as string[]
  if (via !== id) return void (await routes.lines.get(via!)?.request('passed', question, TIMEOUT))
  await routes.lines.get(from!)?.closed
  const own = `${id}/`
  const ref = key!.startsWith(own) ? actors.get(key!.slice(own.length)) : remotes.get(key!)
  if (ref?.isElsewhere) await fence(ref, mark)
}
