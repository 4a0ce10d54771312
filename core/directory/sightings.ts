import { ActorError } from '../ground/errors.js'

/** A trusted link, as the directory sees it. */
export interface Neighbour {
  /** The id of the realm there. */
  readonly peer: string
  /** Those on one medium hear each other's news themselves. */
  readonly medium: object | undefined
  announce(news: News): void
  /** Settles within `patience` milliseconds, if given. */
  request(verb: string, args: readonly unknown[], patience?: number): Promise<unknown>
}

/** What crosses a link: names that came, each with the realms from the announcer's neighbour to the owner, and names that went. */
export interface News {
  readonly up?: readonly (readonly [name: string, ...route: string[]])[]
  readonly down?: readonly (readonly [name: string, owner: string])[]
}

/** A name at another realm, and the way to it. */
export interface Sighting {
  readonly name: string
  readonly owner: string
  readonly via: Neighbour
  /** The realms on the way, the neighbour first and the owner last. */
  readonly route: readonly string[]
}

/** Realms between here and the farthest name. */
const FAR = 16
/** Names in one frame. */
const BATCH = 1_000

/**
 * The names of other realms, as trusted neighbours announce them and as they are announced further.
 *
 * Each comes with the realms on its way, and none is taken whose way leads through here: so news end,
 * and a name that goes is not kept alive by neighbours telling each other of it. Of several ways to one
 * owner only the nearest is passed on, and nobody is told twice the same: so news end also where all are
 * neighbours of all.
 */
export class Sightings {
  readonly #id: string
  readonly #own: () => readonly string[]
  /** By name, nearest first. */
  readonly #names = new Map<string, Sighting[]>()
  /** The route that each neighbour was told, by `owner/name`. */
  readonly #told = new Map<Neighbour, Map<string, string>>()
  /** Who has announced nothing yet: the first news come with the link. */
  readonly #silent = new Set<Neighbour>()
  readonly #came: (name: string) => void

  /** `came` hears of each name that appears. */
  constructor(id: string, own: () => readonly string[], came: (name: string) => void) {
    this.#id = id
    this.#own = own
    this.#came = came
  }

  /** Whether a neighbour has not said yet which names it knows. */
  get unheard(): boolean {
    return this.#silent.size > 0
  }

  get neighbours(): Iterable<Neighbour> {
    return this.#told.keys()
  }

  /** Who has this name, nearest first. */
  of(name: string): readonly Sighting[] {
    return this.#names.get(name) ?? []
  }

  all(): string[] {
    return [...this.#names.keys()]
  }

  join(neighbour: Neighbour): void {
    this.#told.set(neighbour, new Map())
    this.#silent.add(neighbour)
    const up = this.#own().map((name): [string, ...string[]] => [name])
    for (const name of this.#names.keys()) {
      for (const sighting of this.#nearest(name)) {
        if (!isNewsTo(neighbour, sighting)) continue
        this.#told.get(neighbour)!.set(keyOf(name, sighting.owner), sighting.route.join('/'))
        up.push([name, ...sighting.route])
      }
    }
    do neighbour.announce({ up: up.splice(0, BATCH) })
    while (up.length > 0)
  }

  /** A link ended, and with it all that was heard over it. */
  leave(neighbour: Neighbour): void {
    if (!this.#told.delete(neighbour)) return
    this.#silent.delete(neighbour)
    for (const [name, sightings] of this.#names) {
      for (const sighting of sightings.filter(({ via }) => via === neighbour)) this.#remove(name, sighting)
    }
  }

  /** A name of this realm itself came or went. */
  own(name: string, there: boolean): void {
    const news: News = there ? { up: [[name]] } : { down: [[name, this.#id]] }
    for (const neighbour of this.#told.keys()) neighbour.announce(news)
  }

  /** Throws `malformed` for what is no news. */
  hear(neighbour: Neighbour, value: unknown): void {
    const { up = [], down = [] } = readNews(value)
    this.#silent.delete(neighbour)
    for (const [name, owner] of down) {
      const gone = this.of(name).find((sighting) => sighting.via === neighbour && sighting.owner === owner)
      if (gone) this.#remove(name, gone)
    }
    for (const [name, ...rest] of up) {
      const route = [neighbour.peer, ...rest]
      const owner = route.at(-1)!
      const known = this.of(name).find((sighting) => sighting.via === neighbour && sighting.owner === owner)
      const isLoop = route.includes(this.#id) || route.length > FAR
      if (isLoop) {
        if (known) this.#remove(name, known)
      } else if (known?.route.join('/') !== route.join('/')) this.#add({ name, owner, via: neighbour, route }, known)
    }
  }

  #add(sighting: Sighting, known: Sighting | undefined): void {
    const { name } = sighting
    const sightings = this.#names.get(name)?.filter((other) => other !== known) ?? []
    const place = sightings.findIndex(({ route }) => route.length > sighting.route.length)
    sightings.splice(place < 0 ? sightings.length : place, 0, sighting)
    this.#names.set(name, sightings)
    this.#tell(name, sighting.owner)
    this.#came(name)
  }

  #remove(name: string, sighting: Sighting): void {
    const sightings = this.of(name).filter((other) => other !== sighting)
    if (sightings.length > 0) this.#names.set(name, sightings)
    else this.#names.delete(name)
    this.#tell(name, sighting.owner)
  }

  /** The nearest way to each owner of a name. */
  #nearest(name: string): Sighting[] {
    const sightings = this.of(name)
    return sightings.filter(({ owner }, place) => sightings.findIndex((other) => other.owner === owner) === place)
  }

  #tell(name: string, owner: string): void {
    const best = this.of(name).find((sighting) => sighting.owner === owner)
    const key = keyOf(name, owner)
    const route = best?.route.join('/')
    for (const [neighbour, told] of this.#told) {
      if (best && route !== undefined && isNewsTo(neighbour, best)) {
        if (told.get(key) === route) continue
        told.set(key, route)
        neighbour.announce({ up: [[name, ...best.route]] })
      } else if (told.delete(key)) neighbour.announce({ down: [[name, owner]] })
    }
  }
}

const keyOf = (name: string, owner: string): string => `${owner}/${name}`

/** Nobody on the way hears of it from here, nor those who share the medium that it came over. */
const isNewsTo = ({ peer, medium }: Neighbour, { route, via }: Sighting): boolean =>
  !route.includes(peer) && (medium === undefined || medium !== via.medium)

function readNews(value: unknown): News {
  if (typeof value !== 'object' || value === null) throw noNews()
  const { up = [], down = [] } = value as Record<string, unknown>
  if (!isList(up, 1) || !isList(down, 2)) throw noNews()
  return { up, down } as News
}

/** A list of lists of at least so many names or ids. */
const isList = (value: unknown, least: number): boolean =>
  Array.isArray(value) && value.every((item) => Array.isArray(item) && item.length >= least && item.every(isText))
const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= 1_024
const noNews = (): ActorError => new ActorError('malformed', 'the peer announced what are no names')
