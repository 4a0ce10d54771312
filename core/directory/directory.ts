// The room directory: which actor is called what, and where: names are announced to neighbours and looked up.
import type { ActorError } from '../ground/errors.js'
import { RemoteRef } from '../remote/remote-ref.js'
import type { Finder, Seeker } from '../remote/named-route.js'
import { refOf } from '../proxy/proxy.js'
import type { Ref } from '../message/ref.js'
import { type Neighbour, type Place, Sightings, UPLINK } from './sightings.js'

/** What the directory needs of its realm. */
interface Home extends Place {
  find(nameOrPathOrId: string): Ref | undefined
}

/** Realms that a question passes at most, whatever the news said. */
const HOPS = 16
/** Milliseconds that a realm has to answer; a frozen tab is passed over. */
const PATIENCE = 5_000

/** Which actor is called what, and where: names of this realm, of its trusted neighbours, and of the servers that they dialled. */
export class Directory implements Finder {
  readonly sightings: Sightings
  readonly #home: Home
  readonly #seekers = new Set<Seeker>()
  #closed: ActorError | undefined

  constructor(home: Home) {
    this.#home = home
    this.sightings = new Sightings(home, (name) => this.#wake(name))
  }

  /** Nobody is found any more. */
  close(reason: ActorError): void {
    this.#closed = reason
    for (const seeker of this.#seekers) seeker.giveUp(reason)
  }

  /** A name of this realm came or went. */
  changed(name: string, there: boolean): void {
    this.sightings.own(name, there)
    if (there) this.#wake(name)
  }

  /** A link opened: to a trusted peer, or to a server that we dialled. */
  join(link: Neighbour): void {
    this.sightings.join(link)
    this.#wake(UPLINK)
  }

  /** The names that may be found from here without asking a server. */
  names(): string[] {
    const names = new Set([...this.#home.names.all(), ...this.sightings.all()])
    names.delete(UPLINK)
    return [...names]
  }

  /** Whether some other realm is known to have it, or may have it without saying so. */
  mayFind(sought: string): boolean {
    return this.knows(sought) || this.knows(UPLINK) || this.sightings.unheard
  }

  /** Whether some other realm is known to have it. */
  knows(sought: string): boolean {
    return this.sightings.of(firstPart(sought)).length > 0
  }

  /** Returns the undo. */
  await(seeker: Seeker): () => void {
    if (this.#closed) seeker.giveUp(this.#closed)
    this.#seekers.add(seeker)
    return () => void this.#seekers.delete(seeker)
  }

  /** The actor of that name, path or id: here, else at the nearest realm that has it, else at a server. */
  async find(sought: string): Promise<Ref | undefined> {
    const local = this.#home.find(sought)
    if (local) return local
    const asked = new Set<string>()
    return (await this.#follow(sought, asked)) ?? (await this.#ask(sought)) ?? (await this.#follow(sought, asked))
  }

  /** A trusted neighbour's question: about this realm, unless it names another one, which is `hops` away at most. */
  async answer(asker: Neighbour, sought: string, owner: unknown, hops: unknown): Promise<Ref | undefined> {
    if (owner === undefined || owner === this.#home.id) return this.#home.find(sought)
    const left = typeof hops === 'number' ? hops - 1 : -1
    if (!(left >= 0)) return undefined
    const ways = [...this.sightings.of(firstPart(sought)), ...this.sightings.of(UPLINK)]
    const way = ways.find((sighting) => sighting.owner === owner && sighting.via !== asker)
    return way && ask(way.via, sought, owner, left)
  }

  /** Asks those who are known to have it, one after the other. */
  async #follow(sought: string, asked: Set<string>): Promise<Ref | undefined> {
    for (const { owner, via } of this.sightings.of(firstPart(sought))) {
      if (asked.has(owner)) continue
      asked.add(owner)
      const found = await ask(via, sought, owner, HOPS)
      if (found) return found
    }
    return undefined
  }

  /** Asks, all at once, for what is not announced: ids, actors without a name, and whatever servers have. */
  #ask(sought: string): Promise<Ref | undefined> {
    return firstOf([
      ...Array.from(this.sightings.neighbours, (neighbour) => ask(neighbour, sought)),
      ...this.sightings.of(UPLINK).map(({ via, owner }) => ask(via, sought, owner, HOPS)),
    ])
  }

  /** Those who wait for that name look again; all of them where there is somebody new to ask. */
  #wake(name: string): void {
    for (const seeker of this.#seekers) {
      if (name === UPLINK || name === firstPart(seeker.sought)) seeker.appeared()
    }
  }
}

/** Of `/parent/child` it is `parent` that is announced. */
const firstPart = (sought: string): string => (sought.startsWith('/') ? sought.split('/', 2)[1]! : sought)

/** What is found so is sought again where its way ends, also for those who got it from here. */
async function ask(realm: Neighbour, sought: string, ...question: unknown[]): Promise<Ref | undefined> {
  try {
    const found = refOf(await realm.request('lookup', [sought, ...question], PATIENCE))
    if (found instanceof RemoteRef) found.sought ??= sought
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
