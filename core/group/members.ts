import { leaveGroup, joinGroup, prefixOf } from '../directory/membership.js'
import { HOPS, TIMEOUT } from '../directory/directory.js'
import { type Announcement, UPLINK } from '../directory/announcements.js'
import type { Ref } from '../message/ref.js'
import { borrow, refOf } from '../proxy/proxy.js'
import type { Groups as GroupsOf, Realm } from '../realm/realm.js'

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

  /** All of them; a promise where some have to be asked for. Who answers a peer asks no servers. Never rejects. */
  all(asksServers = true): Ref[] | Promise<Ref[]> {
    const parts = [...this.#known(), ...(asksServers ? this.#servers() : [])]
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

  *#known(): Iterable<Found | Promise<Found>> {
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

/** The groups of a realm. */
class Groups implements GroupsOf {
  readonly #realm: Realm
  readonly #members = new Map<string, Members>()

  constructor(realm: Realm) {
    this.#realm = realm
    realm.directory.heard = (name) => {
      const [group] = name.split('/', 1)
      const members = this.#members.get(group!)
      members?.heard(name)
      if (members?.isEmpty) this.#members.delete(group!)
    }
  }

  of(name: string): Members {
    const members = this.#members.get(name) ?? new Members(this.#realm, name)
    // One without members is forgotten, whatever names are tried.
    if (!members.isEmpty) this.#members.set(name, members)
    return members
  }

  async answer(group: unknown, granted: readonly unknown[] | undefined): Promise<object[]> {
    if (granted?.includes(group) === false) return []
    const members = await this.of(group as string).all(false)
    return members.filter((ref) => granted || !ref.isElsewhere).map(borrow)
  }
}

/** The members of the group of that name. */
export const membersOf = (realm: Realm, name: string): Members =>
  ((realm.groups ??= new Groups(realm)) as Groups).of(name)
