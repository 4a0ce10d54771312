import { type Announcement, UPLINK } from '../directory/announcements.js'
import { HOPS, TIMEOUT } from '../directory/directory.js'
import { isPublic } from '../directory/names.js'
import { Deferred } from '../ground/deferred.js'
import type { Ref } from '../message/ref.js'
import { borrow, refOf } from '../proxy/proxy.js'
import type { Groups, Realm } from '../realm/realm.js'

type Found = Ref | undefined

/** An actor that a realm announces under a name. */
interface Sought {
  /** A promise until it is found. */
  ref: Found | Promise<Found>
  /** Watches it no more. */
  undo(): void
}

/** The members of all groups, as far as a realm knows them. */
export class Members implements Groups {
  readonly #realm: Realm
  /** The names of memberships, here and elsewhere, by group. */
  readonly #joined = new Map<string, Set<string>>()
  /** Actors elsewhere, by name and realm. */
  readonly #found = new Map<string, Map<string, Sought>>()
  /** Who wants to hear that members of a group came or went. */
  readonly #listeners = new Map<string, () => void>()
  /** By group, while it is being asked for its members: who asks later gets the answer later. */
  readonly #asking = new Map<string, Promise<Ref[]>>()
  /** Resolves when those whose link has just opened have said which names they know. */
  #hearing: Deferred<void> | undefined
  /** Whether one of them was waited for in vain. */
  #isImpatient = false

  constructor(realm: Realm) {
    this.#realm = realm
    const { names, directory } = realm
    directory.heard = (name) => this.#heard(name)
    for (const name of [...names.all(), ...directory.announced()]) this.#heard(name)
  }

  /** All of a group; a promise where some have to be asked for. Who answers a peer asks no servers. Never rejects. */
  of(group: string, asksServers = true): Ref[] | Promise<Ref[]> {
    const hearing = asksServers && this.#hearAll()
    return hearing ? hearing.then(() => this.#of(group, true)) : this.#of(group, asksServers)
  }

  #of(group: string, asksServers: boolean): Ref[] | Promise<Ref[]> {
    const known = [...this.#known(group)]
    const servers = asksServers ? [...this.#servers(group)] : []
    const before = this.#asking.get(group)
    if (!before && servers.length === 0 && known.every((part) => !(part instanceof Promise)))
      return unique(known as Found[])
    const asking = Promise.all([Promise.all(known.map(async (part) => part)), Promise.all(servers), before]).then(
      ([found, told]) => {
        if (this.#asking.get(group) === asking) this.#asking.delete(group)
        return unique(found, told.flat())
      },
    )
    this.#asking.set(group, asking)
    return asking
  }

  /** Calls `listener` whenever a member of the group came or went. There is one for each group. */
  onChange(group: string, listener: () => void): void {
    this.#listeners.set(group, listener)
  }

  async answer(group: unknown, granted: readonly string[] | undefined): Promise<object[]> {
    if (typeof group !== 'string' || !isPublic(group) || granted?.includes(group) === false) return []
    const members = await this.of(group, false)
    return members.filter((ref) => granted || !ref.isElsewhere).map(borrow)
  }

  /** What to wait for before the members are known: a link that has just opened may lead to some. */
  #hearAll(): Promise<void> | undefined {
    const { directory, env } = this.#realm
    if (!directory.unheard || this.#isImpatient) return undefined
    if (!this.#hearing) {
      const hearing = (this.#hearing = new Deferred<void>())
      const timer = env.setTimer(() => {
        this.#isImpatient = true
        hearing.resolve()
      }, TIMEOUT)
      void hearing.promise.then(() => {
        env.clearTimer(timer)
        this.#hearing = undefined
      })
    }
    return this.#hearing.promise
  }

  /** A name came or went. */
  #heard(name: string): void {
    const { names, directory } = this.#realm
    if (!directory.unheard) {
      this.#isImpatient = false
      this.#hearing?.resolve()
    }
    const [group] = name.split('/', 1)
    if (isPublic(name)) this.#forget(name)
    if (isPublic(name) || !group) return
    const joined = this.#joined.get(group) ?? new Set()
    if (names.get(name) !== undefined || directory.of(name).length > 0) joined.add(name)
    else {
      joined.delete(name)
      this.#forget(name)
    }
    if (joined.size > 0) this.#joined.set(group, joined)
    else this.#joined.delete(group)
    this.#listeners.get(group)?.()
  }

  *#known(group: string): Iterable<Found | Promise<Found>> {
    const { names, remotes, directory } = this.#realm
    for (const name of this.#joined.get(group) ?? []) {
      const [way] = directory.of(name)
      yield names.get(name) ?? remotes.get(name.slice(group.length + 1)) ?? (way && this.#at(way))
    }
    yield names.get(group)
    for (const way of directory.of(group)) yield this.#at(way)
  }

  /** Servers announce nothing: each is asked. */
  *#servers(group: string): Iterable<Promise<Found[]>> {
    for (const uplink of this.#realm.directory.of(UPLINK)) {
      const { via, owner } = uplink
      if (via.peer !== owner) continue
      yield via.request('members', [group], TIMEOUT).then(
        (refs) => (Array.isArray(refs) ? refs.map(refOf) : []),
        (error: unknown) => {
          // One that is gone has no members.
          if (this.#realm.directory.of(UPLINK).includes(uplink))
            this.#realm.report(error, `looking for members of ${group} at ${owner}`)
          return []
        },
      )
    }
  }

  /** The actor that a realm announces under a name. A name that it gave to another one later is announced anew. */
  #at({ name, owner, via }: Announcement): Found | Promise<Found> {
    const owners = this.#found.get(name) ?? new Map<string, Sought>()
    this.#found.set(name, owners)
    const known = owners.get(owner)
    if (known) return known.ref
    const sought: Sought = { ref: undefined, undo: () => {} }
    owners.set(owner, sought)
    const isSought = (): boolean => this.#found.get(name)?.get(owner) === sought
    sought.ref = via.request('lookup', [name, owner, HOPS], TIMEOUT).then(refOf, () => undefined)
    sought.ref = sought.ref.then((ref) => {
      if (isSought()) {
        const leave = (): void => {
          if (isSought()) owners.delete(owner)
        }
        sought.ref = ref
        if (ref) sought.undo = ref.watch(leave)
        else leave()
      }
      return ref
    })
    return sought.ref
  }

  /** Those who have that name are looked up again. */
  #forget(name: string): void {
    for (const sought of this.#found.get(name)?.values() ?? []) sought.undo()
    this.#found.delete(name)
  }
}

/** Each of them once; of what servers told, what is not known otherwise. */
function unique(found: readonly Found[], told: readonly Found[] = []): Ref[] {
  const refs = new Map<string, Ref>()
  for (const each of found) if (each) refs.set(each.actual.key, each.actual)
  const known = new Set([...refs.values()].map(placeOf))
  for (const each of told) if (each && !known.has(placeOf(each.actual))) refs.set(each.actual.key, each.actual)
  return [...refs.values()]
}

const placeOf = ({ address: { realm, id } }: Ref): string => `${realm}/${id}`

/** The members of a realm's groups. */
export const membersOf = (realm: Realm): Members => (realm.groups ??= new Members(realm)) as Members
