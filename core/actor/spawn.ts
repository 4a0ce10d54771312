import { checkMailbox } from '../mailbox/bounded-mailbox.js'
import { blueprintOf } from './blueprint.js'
import { Cell } from './cell.js'
import type { Durable } from './durable.js'
import { addMember } from '../directory/membership.js'
import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import { closed } from '../realm/closing.js'
import type { Spawning } from '../realm/realm-events.js'
import type { Realm } from '../realm/realm.js'
import type { Supervised } from '../supervision/supervised.js'
import { type ActorClass, type AnySpawnOptions, checkSpawnOptions } from '../supervision/spawn-options.js'
import type { Origin } from '../supervision/origin.js'
import { transferOf } from '../wire/transfer.js'
import { copy } from '../wire/copy.js'

/** Children of children: so deep, and actors that spawn each other end with `quota`. */
const DEEPEST = 64

const NONE: AnySpawnOptions = {}
const ANYWHERE: Origin = {}

/**
 * Makes an actor and starts it. Rejects with `id-in-use`, `name-taken`, `malformed`, `quota`, or `start-failed` where the
 * constructor or `onStart` throws, or a listener of `spawning`; in a realm that isolates, with `uncloneable`.
 */
export async function spawn(
  home: Realm,
  actor: ActorClass,
  given: AnySpawnOptions = NONE,
  origin: Origin = ANYWHERE,
): Promise<Cell> {
  const waiting = origin.waiting ?? home.current
  const wanted = intercept(home, origin.kind ?? actor.name, origin.parent, given)
  if (wanted !== NONE) checkSpawnOptions(home.env, wanted)
  check(home, wanted, origin)
  const options = home.isolates && origin.spawner === undefined ? isolated(home, marked(wanted)) : marked(wanted)
  let instance: object
  try {
    instance = new actor(...(options.args ?? []))
  } catch (error) {
    throw new ActorError('start-failed', `the constructor of ${actor.name} threw`, { cause: error })
  }
  // Most actors have neither, and there may be a million of them.
  if (options === NONE && origin === ANYWHERE) return begin(home, instance, undefined, waiting)
  return begin(home, instance, { ...origin, actor, options }, waiting)
}

/** Makes an actor of an instance that is already there. */
export async function adopt(home: Realm, instance: object, name: string): Promise<Cell> {
  const options = { name }
  check(home, options, ANYWHERE)
  return begin(home, instance, { kind: name, options })
}

/** The actor that stands for an object which travels by reference. */
export function standIn(home: Realm, instance: object): Cell {
  const cell = new Cell(home, freeId(home), instance, { isLent: true, kind: instance.constructor?.name ?? 'Object' })
  home.actors.set(cell.id, cell)
  cell.start()?.catch((error: unknown) => home.report(error, cell.address.path))
  return cell
}

/** Options of an actor that is about to be made, as the listeners of `spawning` leave them. Throws `start-failed`. */
function intercept(
  { events }: Realm,
  kind: string,
  parent: Supervised | undefined,
  options: AnySpawnOptions,
): AnySpawnOptions {
  if (!events.hears('spawning')) return options
  const spawning: Spawning = { kind, parent: parent?.address.path, options }
  try {
    events.emit('spawning', spawning)
  } catch (cause) {
    throw new ActorError('start-failed', `a listener of 'spawning' refused ${kind}`, { cause })
  }
  return spawning.options
}

/** A peer may bring the actor back, with its id, to a realm that has begun to count anew: that id is unlike all others. */
function freeId(home: Realm, spawner?: object): string {
  let id: string
  do id = spawner ? home.env.id() : home.run + home.serial().toString(36)
  while (home.actors.has(id) || home.names.get(id))
  return id
}

async function begin(home: Realm, instance: object, origin?: Origin, waiting?: Message): Promise<Cell> {
  const { id = freeId(home, origin?.spawner), name, group } = origin?.options ?? NONE
  const cell = cellOf(home, id, instance, origin)
  if (name !== undefined) home.names.claim(name, cell)
  home.actors.set(id, cell)
  origin?.parent?.life.children.add(cell)
  await (origin?.start?.(cell) ?? cell.start(waiting))
  if (group !== undefined && !cell.hasEnded) addMember(home.names, group, cell)
  return cell
}

function cellOf(home: Realm, id: string, instance: object, origin: Origin | undefined): Cell {
  const durable = blueprintOf(instance).durable as Durable | undefined
  if (durable === undefined) return new Cell(home, id, instance, origin)
  if (typeof durable?.make === 'function') return durable.make(home, id, instance, origin)
  const { name } = instance.constructor
  throw new ActorError('malformed', `'static durable' of ${name} must be durable({ … }) from 'troupe/durable'`)
}

// Before any code of the class runs.
function check(home: Realm, { id, name, group, mailbox }: AnySpawnOptions, { parent }: Origin): void {
  if (home.closed) throw closed()
  if (id !== undefined) {
    home.names.check(id)
    // A path is made of names and ids alike.
    if (home.actors.has(id) || home.names.get(id)) throw new ActorError('id-in-use', `the id '${id}' is in use`)
  }
  if (name !== undefined) checkName(home, name)
  if (group !== undefined) home.names.check(group)
  if (mailbox !== undefined) checkMailbox(mailbox)
  let depth = 1
  for (let above = parent; above; above = above.parent) depth++
  if (depth > DEEPEST) throw new ActorError('quota', `${parent!.address.path} is nested ${DEEPEST} deep already`)
}

/** Throws `malformed`, `name-taken` where another actor has it as its name, or was given it as its id, or `stopped`. */
export function checkName({ names, actors }: Realm, name: string, of?: Ref): void {
  names.checkFree(name)
  if ((of as Cell | undefined)?.hasEnded) throw new ActorError('stopped', `${of!.address.path} is stopped`)
  const actor = actors.get(name)
  if (actor && actor !== of && actor.isCalled?.(name))
    throw new ActorError('name-taken', `the name '${name}' is taken: it is the id of an actor`)
}

/** What comes from a peer is a copy already; of this realm, the actor gets its own. */
const isolated = (home: Realm, options: AnySpawnOptions): AnySpawnOptions =>
  options.args ? { ...options, args: copy(home, options.args) } : options

/** Arguments that are moved are there once: the actor cannot be made of them again. */
function marked(options: AnySpawnOptions): AnySpawnOptions {
  const isMoved = options.args?.some((arg) => typeof arg === 'object' && arg !== null && transferOf(arg) !== undefined)
  return isMoved ? { ...options, isMoved } : options
}
