import { Ask } from '../message/ask.js'
import type { Ref } from '../message/ref.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import { WaitingRoute } from '../remote/waiting-route.js'

/** Resolves when all that was sent by this reference has arrived. `mark` tells this fence from all others. */
export function fence(face: RemoteRef, mark: string): Promise<unknown> {
  const request = new Ask('fence', [mark], undefined, Infinity, undefined)
  face.control(request)
  return request.promise
}

/** What is sent by this reference from now on goes to the actor here. */
export function redirect(face: RemoteRef, actor: Ref): void {
  const way = new WaitingRoute(face)
  face.route = way
  way.arrive(actor)
}
