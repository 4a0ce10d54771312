import { leaveGroup, joinGroup, prefixOf } from '../directory/membership.js'
import { HOPS, TIMEOUT } from '../directory/directory.js'
import { type Announcement, UPLINK } from '../directory/announcements.js'
import { ActorError } from '../ground/errors.js'
import type { Ref } from '../message/ref.js'
import { borrow, refOf } from '../proxy/proxy.js'
import type { Realm } from '../realm/realm.js'

type Found = Ref | undefined

/** The members of one group, as far as its realm knows them. */
export class Members {
  readonly name: string
  readonly #realm: Realm
  /** The names of memberships, here and elsewhere. */
  readonly #joined = new Set<string>()
  /** Members elsewhere, by realm and name; a promise until it is found. */
  readonly #found = new Map<string, Found | Promise<Found>>()
  /** Set while it is being asked for the members; who asks later gets its answer later. */
  #asking: Promise<Ref[]> | undefined

  constructor(realm: Realm, name: string) {
    this.#realm = realm
    this.name = name
    for (const each of [...realm.names.all(), ...realm.directory.announcements.all()]) this.heard(each)
  }

  /** Whether nobody is known to be a member. */
  get isEmpty(): boolean {
    const { names, directory } = this.#realm
    return this.#joined.size === 0 && !names.get(this.name) && directory.announcements.of(this.name).length === 0
  }

  join(ref: Ref): void {
    // An actor of that name is a member already.
    if (this.#realm.names.get(this.name) !== ref) joinGroup(this.#realm.names, this.name, ref)
  }

  leave(ref: Ref): boolean {
    return leaveGroup(this.#realm.names, this.name, ref)
  }

  /** A name came or went. */
  heard(name: string): void {
    const { names, directory } = this.#realm
    if (name === this.name) this.#forget(name)
    if (!name.startsWith(prefixOf(this.name))) return
    const isThere = names.get(name) !== undefined || directory.announcements.of(name).length > 0
    if (isThere) this.#joined.add(name)
    else {
      this.#joined.delete(name)
      this.#forget(name)
    }
  }

  /** Those of this realm. */
  get own(): Ref[] {
    const { names } = this.#realm
    const refs = [this.name, ...this.#joined].map((name) => names.get(name))
    return refs.filter((ref) => ref !== undefined && !ref.isElsewhere) as Ref[]
  }

  /** All of them; a promise where some have to be asked for. Never rejects. */
  get all(): Ref[] | Promise<Ref[]> {
    const parts = [...this.#local(), ...this.#servers()]
    const isKnown = parts.every((part) => !(part instanceof Promise))
    if (isKnown && !this.#asking) return unique(parts as Found[])
    const before = this.#asking
    const asking = Promise.all(parts.map(async (part) => part)).then(async (found) => {
      await before
      if (this.#asking === asking) this.#asking = undefined
      return unique(found.flat())
    })
    return (this.#asking = asking)
  }

  *#local(): Iterable<Found | Promise<Found>> {
    const { names, remotes, directory } = this.#realm
    for (const name of this.#joined) {
      const key = name.slice(prefixOf(this.name).length)
      const [way] = directory.announcements.of(name)
      yield names.get(name) ?? remotes.get(key) ?? (way && this.#at(way))
    }
    yield names.get(this.name)
    for (const way of directory.announcements.of(this.name)) yield this.#at(way)
  }

  /** Servers announce nothing: each is asked. */
  *#servers(): Iterable<Promise<Found[]>> {
    for (const { via, owner } of this.#realm.directory.announcements.of(UPLINK)) {
      if (via.peer !== owner) continue
      yield via.request('members', [this.name], TIMEOUT).then(
        (refs) => (Array.isArray(refs) ? refs.map(refOf) : []),
        () => [],
      )
    }
  }

  /** The actor that a realm announces under a name. A name that it gave to another one later is announced anew. */
  #at({ name, owner, via }: Announcement): Found | Promise<Found> {
    const key = `${owner}/${name}`
    const known = this.#found.get(key)
    if (known) return known
    const asked = via.request('lookup', [name, owner, HOPS], TIMEOUT).then(refOf, () => undefined)
    const finding = asked.then((ref) => {
      if (this.#found.get(key) !== finding) return ref
      if (ref) this.#found.set(key, ref)
      else this.#found.delete(key)
      ref?.watch(() => void this.#found.delete(key))
      return ref
    })
    this.#found.set(key, finding)
    return finding
  }

  /** Those who have that name are looked up again. */
  #forget(name: string): void {
    for (const key of this.#found.keys()) if (key.endsWith(`/${name}`)) this.#found.delete(key)
  }
}

/** Each of them once. */
function unique(found: readonly Found[]): Ref[] {
  const refs = new Map<string, Ref>()
  for (const each of found) if (each) refs.set(each.actual.key, each.actual)
  return [...refs.values()]
}

/** The groups of a realm that anybody asked for, by name. */
class Groups {
  readonly #realm: Realm
  readonly #members = new Map<string, Members>()

  constructor(realm: Realm) {
    this.#realm = realm
    realm.directory.heard = (name) => this.#heard(name)
    realm.members = (group, granted) => this.#answer(group, granted)
  }

  of(name: string): Members {
    const known = this.#members.get(name)
    if (known) return known
    const members = new Members(this.#realm, name)
    // One without members is forgotten, whatever names are tried.
    if (!members.isEmpty) this.#members.set(name, members)
    return members
  }

  #heard(name: string): void {
    const [group] = name.split('/', 1)
    const members = this.#members.get(group!)
    members?.heard(name)
    if (members?.isEmpty) this.#members.delete(group!)
  }

  /** What a peer is told that does not hear which names there are: all members, if it was granted the group's name. */
  async #answer(group: unknown, granted: readonly unknown[] | undefined): Promise<object[]> {
    if (typeof group !== 'string') throw new ActorError('malformed', 'the name of a group must be a string')
    const members = this.of(group)
    if (!granted) return members.own.map(borrow)
    return granted.includes(group) ? (await members.all).map(borrow) : []
  }
}

const groups = new WeakMap<Realm, Groups>()

/** The members of the group of that name. */
export function membersOf(realm: Realm, name: string): Members {
  let all = groups.get(realm)
  if (!all) groups.set(realm, (all = new Groups(realm)))
  return all.of(name)
}
