import { ActorError } from '../ground/errors.js'
import type { Ref } from '../message/ref.js'
import type { Names } from './names.js'

/** How to stop watching members that are elsewhere, by the name of their membership. */
const watches = new WeakMap<Ref, Map<string, () => void>>()

/** The name of a membership. */
const nameOf = (group: string, { key }: Ref): string => `${group}/${key}`

/** Makes an actor that lives here a member of a group, whose name was checked. Returns false where it is one. */
export function addMember(names: Names, group: string, ref: Ref): boolean {
  const name = nameOf(group, ref)
  if (names.get(name)) return false
  names.add(name, ref)
  return true
}

/**
 * Makes an actor a member of a group: it gets a name that no actor can have, made of the group's name and its own key. It has
 * that until it leaves, ends, or, if it is elsewhere, until it can't be reached. Throws `malformed` for a wrong name, and
 * `stopped` for an actor that has ended.
 */
export function joinGroup(names: Names, group: string, ref: Ref): void {
  names.check(group)
  if ((ref as { readonly hasEnded?: boolean }).hasEnded)
    throw new ActorError('stopped', `${ref.address.path} is stopped`)
  if (!addMember(names, group, ref) || !ref.isElsewhere) return
  const undos = watches.get(ref) ?? new Map<string, () => void>()
  watches.set(ref, undos)
  undos.set(
    nameOf(group, ref),
    ref.watch(() => void leaveGroup(names, group, ref)),
  )
}

/** Returns whether the actor was a member. */
export function leaveGroup(names: Names, group: string, ref: Ref): boolean {
  const name = nameOf(group, ref)
  const undos = watches.get(ref)
  undos?.get(name)?.()
  undos?.delete(name)
  ref.names = ref.names?.filter((other) => other !== name)
  return names.release(name)
}
