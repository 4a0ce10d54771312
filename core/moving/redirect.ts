import type { Ref } from '../message/ref.js'
import type { RemoteRef } from '../remote/remote-ref.js'
import { WaitingRoute } from '../remote/waiting-route.js'

/** What is sent by this reference from now on goes to the actor here. */
export function redirect(face: RemoteRef, actor: Ref): void {
  const way = new WaitingRoute(face)
  face.route = way
  way.arrive(actor)
}
