// The room directory: which actor is called what, and where: names are announced to neighbours and looked up.
import type { ActorError } from '../ground/errors.js'
import { RemoteRef } from '../remote/remote-ref.js'
import type { Finder, Seeker } from '../remote/named-route.js'
import { refOf } from '../proxy/proxy.js'
import type { Ref } from '../message/ref.js'
import { type Neighbour, type Place, Announcements, UPLINK } from './announcements.js'

/** What the directory needs of its realm. */
interface Home extends Place {
  find(nameOrPathOrId: string): Ref | undefined
}

/** Realms that a question passes at most, whatever the news said. */
const HOPS = 16
/** Milliseconds that a realm has to answer; a frozen tab is passed over. */
const TIMEOUT = 5_000

/** Which actor is called what, and where: names of this realm, of its trusted neighbours, and of the servers that they dialled. */
export class Directory implements Finder {
  readonly announcements: Announcements
  readonly #home: Home
  readonly #seekers = new Set<Seeker>()
  #closed: ActorError | undefined

  constructor(home: Home) {
    this.#home = home
    this.announcements = new Announcements(home, (name) => this.#wake(name))
  }

  /** Nobody is found any more. */
  close(reason: ActorError): void {
    this.#closed = reason
    for (const seeker of this.#seekers) seeker.giveUp(reason)
  }

  /** A name of this realm came or went. */
  changed(name: string, there: boolean): void {
    this.announcements.own(name, there)
    if (there) this.#wake(name)
  }

  /** A link opened: to a trusted peer, or to a server that we dialled. */
  join(link: Neighbour): void {
    this.announcements.join(link)
    this.#wake(UPLINK)
  }

  /** The names that may be found from here without asking a server. */
  names(): string[] {
    const names = new Set([...this.#home.names.all(), ...this.announcements.all()])
    names.delete(UPLINK)
    return [...names]
  }

  /** Whether some other realm is known to have it, or may have it without saying so. */
  mayFind(query: string): boolean {
    return this.knows(query) || this.knows(UPLINK) || this.announcements.unheard
  }

  /** Whether some other realm is known to have it. */
  knows(query: string): boolean {
    return this.announcements.of(firstPart(query)).length > 0
  }

  /** Returns the undo. */
  await(seeker: Seeker): () => void {
    if (this.#closed) seeker.giveUp(this.#closed)
    this.#seekers.add(seeker)
    return () => void this.#seekers.delete(seeker)
  }

  /** The actor of that name, path or id: here, else at the nearest realm that has it, else at a server. */
  async find(query: string): Promise<Ref | undefined> {
    const local = this.#home.find(query)
    if (local) return local
    const asked = new Set<string>()
    return (await this.#follow(query, asked)) ?? (await this.#ask(query)) ?? (await this.#follow(query, asked))
  }

  /** A trusted neighbour's question: about this realm, unless it names another one, which is `hops` away at most. */
  async answer(asker: Neighbour, query: string, owner: unknown, hops: unknown): Promise<Ref | undefined> {
    if (owner === undefined || owner === this.#home.id) return this.#home.find(query)
    const left = typeof hops === 'number' ? hops - 1 : -1
    if (!(left >= 0)) return undefined
    const ways = [...this.announcements.of(firstPart(query)), ...this.announcements.of(UPLINK)]
    const way = ways.find((announcement) => announcement.owner === owner && announcement.via !== asker)
    return way && ask(way.via, query, owner, left)
  }

  /** Asks those who are known to have it, one after the other. */
  async #follow(query: string, asked: Set<string>): Promise<Ref | undefined> {
    for (const { owner, via } of this.announcements.of(firstPart(query))) {
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
      ...Array.from(this.announcements.neighbours, (neighbour) => ask(neighbour, query)),
      ...this.announcements.of(UPLINK).map(({ via, owner }) => ask(via, query, owner, HOPS)),
    ])
  }

  /** Those who wait for that name look again; all of them where there is somebody new to ask. */
  #wake(name: string): void {
    for (const seeker of this.#seekers) {
      if (name === UPLINK || name === firstPart(seeker.query)) seeker.appeared()
    }
  }
}

/** Of `/parent/child` it is `parent` that is announced. */
const firstPart = (query: string): string => (query.startsWith('/') ? query.split('/', 2)[1]! : query)

/** What is found so is looked up again where its way ends, also for those who got it from here. */
async function ask(realm: Neighbour, query: string, ...question: unknown[]): Promise<Ref | undefined> {
  try {
    const found = refOf(await realm.request('lookup', [query, ...question], TIMEOUT))
    if (found instanceof RemoteRef) found.query ??= query
    return found
  } catch {
    // Whoever cannot answer has nothing that could be reached.
    return undefined
  }
}

/** The first that is found; undefined once nobody has it. */
function firstOf(answers: readonly Promise<Ref | undefined>[]): Promise<Ref | undefined> {
  return new Promise((resolve) => {
    for (const answer of answers) void answer.then((found) => found && resolve(found))
    void Promise.all(answers).then(() => resolve(undefined))
  })
}
