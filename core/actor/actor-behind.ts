import { holderOf } from './actor.js'
import { refOf } from '../proxy/proxy.js'
import type { Home, Ref } from '../message/ref.js'
import { isReference } from './reference.js'

/** The actor that a value stands for: a proxy, an actor's own instance, or an object that travels by reference. */
export const actorBehind = (home: Home, value: object): Ref | undefined =>
  isReference(value) ? home.actorOf(value) : (refOf(value) ?? (holderOf(value) as Ref | undefined))
