// The room directory: which actor is called what, and where: names are announced to neighbours and looked up.
import type { ActorError } from '../ground/errors.js'
import { control } from '../message/request.js'
import { linkRouteOf } from '../remote/link-route.js'
import { RemoteRef } from '../remote/remote-ref.js'
import type { Remotes } from '../remote/remotes.js'
import { WaitingRoute } from '../remote/waiting-route.js'
import type { Finder, Seeker } from '../remote/named-route.js'
import { refOf } from '../proxy/proxy.js'
import type { Ref } from '../message/ref.js'
import { type Neighbour, type Place, Announcements, REALM, UPLINK } from './announcements.js'
import { isPublic } from './names.js'

/** What the directory needs of its realm. */
interface Home extends Place {
  readonly remotes: Remotes
  find(nameOrPathOrId: string): Ref | undefined
}

/** Realms that a question passes at most, whatever the news said. */
export const HOPS = 16
/** Milliseconds that a realm has to answer; a frozen tab is passed over. */
export const TIMEOUT = 5_000

/** Which actor is called what, and where: names of this realm, of its trusted neighbours, and of the servers that they dialled. */
export class Directory extends Announcements<Home> implements Finder {
  /** Hears of each name that comes or goes, here or elsewhere. */
  heard: (name: string) => void = () => {}
  readonly #seekers = new Set<Seeker>()
  #closed: ActorError | undefined

  /** Nobody is found any more. */
  close(reason: ActorError): void {
    this.#closed = reason
    for (const seeker of this.#seekers) seeker.giveUp(reason)
  }

  override changed(name: string, there: boolean): void {
    super.changed(name, there)
    this.noted(name, there, this.here(name))
  }

  protected override noted(name: string, there: boolean, found?: Ref): void {
    this.heard(name)
    if (there) this.wake(name, found)
  }

  override join(link: Neighbour): void {
    super.join(link)
    this.wake(UPLINK)
  }

  /** The names that may be found from here without asking a server. */
  names(): string[] {
    return [...new Set([...this.home.names.all(), ...this.announced()])].filter(isPublic)
  }

  /** Whether some other realm is known to have it, or may have it without saying so. */
  mayFind(query: string): boolean {
    return this.knows(query) || this.knows(UPLINK) || this.unheard
  }

  /** Whether some other way than its own leads to the realm of an actor that came over trusted links. */
  mayDetour({ address, key }: RemoteRef): boolean {
    return this.of(REALM).some(({ owner }) => key === `${owner}/${address.id}`)
  }

  /** Whether some other realm is known to have it. */
  knows(query: string): boolean {
    return this.of(firstPart(query)).length > 0
  }

  /** Returns the undo. */
  await(seeker: Seeker): () => void {
    if (this.#closed) seeker.giveUp(this.#closed)
    this.#seekers.add(seeker)
    return () => void this.#seekers.delete(seeker)
  }

  here(query: string): Ref | undefined {
    return this.home.find(query)
  }

  /**
   * The actor that `ref` stands for, by another way. If there is none, or no `ref`, the actor of that name, path or id: here,
   * else at the nearest realm that has it, else at a server.
   */
  async find(query: string, ref?: RemoteRef): Promise<Ref | undefined> {
    const found =
      (ref && this.mayDetour(ref) && (await this.#askOn(ref.address.id, ref.address.realm, HOPS))) || this.here(query)
    if (found || !query) return found
    const asked = new Set<string>()
    const named = (await this.#follow(query, asked)) ?? (await this.#ask(query)) ?? (await this.#follow(query, asked))
    // The same actor by a way that was not asked for by its id: it may lead back here.
    return named?.key === ref?.key ? undefined : named
  }

  /** A trusted neighbour's question: about this realm, unless it names another one, which is `hops` away at most. */
  async answer(asker: Neighbour, query: string, owner: unknown, hops: unknown): Promise<Ref | undefined> {
    if (owner === undefined || owner === this.home.id) return this.home.find(query)
    return (hops as number) > 0 ? this.#askOn(query, owner as string, (hops as number) - 1, asker) : undefined
  }

  /**
   * Asks the next realm on the way to the owner. An actor that is sought by its id may be known here by a way that broke
   * behind the asker. So it comes as a new reference, and the known one goes by that, behind what it sent by the old way.
   */
  async #askOn(query: string, owner: string, hops: number, asker?: Neighbour): Promise<Ref | undefined> {
    const ways = [firstPart(query), REALM, UPLINK].flatMap((name) => this.of(name))
    const via = ways.find((way) => way.owner === owner && way.via !== asker)?.via
    if (!via) return undefined
    const { remotes } = this.home
    const key = `${owner}/${query}`
    const known = remotes.get(key)
    if (known) remotes.delete(known)
    const found = (await ask(via, query, owner, hops)) as RemoteRef | undefined
    if (found?.key !== key) {
      if (known) remotes.add(known)
      return asker && found
    }
    // What came meanwhile by a third way may lead back here.
    if (linkRouteOf(found)?.carrier !== (via as object)) return undefined
    if (known) {
      const fence = control(known, 'fence', undefined, Infinity)
      const way = new WaitingRoute(known)
      known.route = way
      found.query ||= known.query
      found.ttl ??= known.ttl
      void fence.catch(() => {}).then(() => way.arrive(found))
    }
    return found
  }

  /** Asks those who are known to have it, one after the other. */
  async #follow(query: string, asked: Set<string>): Promise<Ref | undefined> {
    for (const { owner, via } of this.of(firstPart(query))) {
      if (asked.has(owner)) continue
      asked.add(owner)
      const found = await ask(via, query, owner, HOPS)
      if (found) return found
    }
    return undefined
  }

  /** Asks, all at once, for what is not announced: ids, actors without a name, and whatever servers have. */
  #ask(query: string): Promise<Ref | undefined> {
    return firstOf([
      ...Array.from(this.neighbours, (neighbour) => ask(neighbour, query)),
      ...this.of(UPLINK).map(({ via, owner }) => ask(via, query, owner, HOPS)),
    ])
  }

  /**
   * Those who wait for that name have `found`, if given, and what they sent leaves before any later message. Else they look
   * again; all of them where there is somebody new to ask.
   */
  wake(name: string | undefined, found?: Ref): void {
    for (const seeker of this.#seekers) {
      const { query } = seeker
      if (name === UPLINK || name === firstPart(query)) seeker.appeared(name === query ? found : undefined)
    }
  }
}

/** Of `/parent/child` it is `parent` that is announced. */
const firstPart = (query: string): string => (query.startsWith('/') ? query.split('/', 2)[1]! : query)

/** What is found so is looked up again where its way ends, also for those who got it from here. */
async function ask(realm: Neighbour, query: string, ...question: unknown[]): Promise<Ref | undefined> {
  try {
    const found = refOf(await realm.request('lookup', [query, ...question], TIMEOUT))
    // By its id it is found again by another way, and only so: others may call theirs by the same id.
    if (found instanceof RemoteRef && found.key !== `${question[0] as string}/${query}`) found.query ||= query
    return found
  } catch {
    // Whoever cannot answer has nothing that could be reached.
    return undefined
  }
}

/** The first that is found; undefined once nobody has it. */
const firstOf = (answers: readonly Promise<Ref | undefined>[]): Promise<Ref | undefined> =>
  Promise.any(answers.map(async (answer) => (await answer) ?? Promise.reject())).catch(() => undefined)
