import { ActorError } from '../ground/errors.js'

/** A realm, as far as its names go. */
export interface Place {
  readonly id: string
  readonly names: { all(): string[] }
}

/** A link, as the directory sees it. */
export interface Neighbour {
  readonly trusted: boolean
  /** The id of the realm there. */
  readonly peer: string
  /** Those on one medium hear each other's news themselves. */
  readonly medium: object | undefined
  announce(news: News): void
  /** Settles within `timeout` milliseconds, if given. */
  request(verb: string, args: readonly unknown[], timeout?: number): Promise<unknown>
}

/** What crosses a link: names that came, each with the realms from the announcer's neighbour to the owner, and names that went. */
export interface News {
  readonly up?: readonly (readonly [name: string, ...route: string[]])[]
  readonly down?: readonly (readonly [name: string, owner: string])[]
}

/** A name at another realm, and the way to it. */
export interface Announcement {
  readonly name: string
  readonly owner: string
  readonly via: Neighbour
  /** The realms on the way, the neighbour first and the owner last. */
  readonly route: readonly string[]
}

/** The name of whatever a server has that was dialled: no actor can be called so. */
export const UPLINK = ''
/** The name of each realm itself: so others know every way to it. */
export const REALM = '/'
/** Realms between here and the farthest name. */
const FAR = 16
/** Names in one frame. */
const BATCH = 1_000

/**
 * The names of other realms, as trusted neighbours announce them and as they are announced further.
 *
 * Each comes with the realms on its way, and none is taken whose way leads through here: so news end,
 * and a name that goes is not kept alive by neighbours telling each other of it. Of several ways to one
 * owner a neighbour is told the nearest that does not lead over itself, and nothing twice: so news end also where all
 * are neighbours of all, and each knows another way before one breaks.
 */
export abstract class Announcements<P extends Place> {
  protected readonly home: P
  /** By name, nearest first. */
  readonly #names = new Map<string, Announcement[]>()
  /** The route that each neighbour was told, by `owner/name`. */
  readonly #told = new Map<Neighbour, Map<string, string>>()
  /** Who has announced nothing yet: the first news come with the link. */
  readonly #silent = new Set<Neighbour>()

  constructor(home: P) {
    this.home = home
  }

  /** Whether a neighbour has not said yet which names it knows. */
  get unheard(): boolean {
    return this.#silent.size > 0
  }

  protected get neighbours(): Iterable<Neighbour> {
    return this.#told.keys()
  }

  /** A name of another realm came or went. */
  protected abstract noted(name: string, there: boolean): void

  /** Who has this name, nearest first. */
  of(name: string): readonly Announcement[] {
    return this.#names.get(name) ?? []
  }

  announced(): string[] {
    return [...this.#names.keys()]
  }

  /** A link opened: to a trusted peer, or to a server that we dialled, which announces nothing. */
  join(neighbour: Neighbour): void {
    if (!neighbour.trusted) return this.#put(UPLINK, neighbour.peer, neighbour, [neighbour.peer])
    const told = new Map<string, string>()
    const up = [REALM, ...this.home.names.all()].map((name): readonly [string, ...string[]] => [name])
    for (const { name, owner } of this.#all()) up.push(...(this.#newsTo(neighbour, told, name, owner)?.up ?? []))
    this.#told.set(neighbour, told)
    this.#silent.add(neighbour)
    do neighbour.announce({ up: up.splice(0, BATCH) })
    while (up.length > 0)
  }

  /** A link ended, and with it all that was heard over it. */
  leave(neighbour: Neighbour): void {
    this.#told.delete(neighbour)
    this.#silent.delete(neighbour)
    for (const { name, owner, via } of this.#all()) if (via === neighbour) this.#put(name, owner, via)
  }

  /** A name of this realm itself came or went. */
  changed(name: string, there: boolean): void {
    const news: News = there ? { up: [[name]] } : { down: [[name, this.home.id]] }
    for (const neighbour of this.#told.keys()) neighbour.announce(news)
  }

  /** Throws for what is no news. */
  hear(neighbour: Neighbour, news: unknown): void {
    const { up = [], down = [] } = news as News
    if (!isList(up, 1) || !isList(down, 2)) throw new ActorError('malformed', 'the peer announced invalid names')
    this.#silent.delete(neighbour)
    for (const [name, owner] of down) this.#put(name, owner, neighbour)
    for (const [name, ...rest] of up) {
      const route = [neighbour.peer, ...rest]
      const isLoop = route.includes(this.home.id) || route.length > FAR
      this.#put(name, route.at(-1)!, neighbour, isLoop ? undefined : route)
    }
  }

  #all(): Announcement[] {
    return [...this.#names.values()].flat()
  }

  /** From now on this is the way to an owner over a neighbour; none where there is no route. */
  #put(name: string, owner: string, via: Neighbour, route?: readonly string[]): void {
    const announcements = this.of(name).filter((other) => other.owner !== owner || other.via !== via)
    if (route) announcements.push({ name, owner, via, route })
    announcements.sort((one, other) => one.route.length - other.route.length)
    if (announcements.length > 0) this.#names.set(name, announcements)
    else this.#names.delete(name)
    for (const [neighbour, told] of this.#told) {
      const news = this.#newsTo(neighbour, told, name, owner)
      if (news) neighbour.announce(news)
    }
    this.noted(name, !!route)
  }

  /** What a neighbour must hear of the nearest way to an owner, which counts as told then. */
  #newsTo(neighbour: Neighbour, told: Map<string, string>, name: string, owner: string): News | undefined {
    const key = `${owner}/${name}`
    const best = this.of(name).find((announcement) => announcement.owner === owner && isFor(neighbour, announcement))
    if (!best) return told.delete(key) ? { down: [[name, owner]] } : undefined
    const route = best.route.join('/')
    if (told.get(key) === route) return undefined
    told.set(key, route)
    return { up: [[name, ...best.route]] }
  }
}

/** Nobody on the way hears of it from here, nor those who share the medium that it came over. */
const isFor = ({ peer, medium }: Neighbour, { route, via }: Announcement): boolean =>
  !route.includes(peer) && (medium === undefined || medium !== via.medium)

/** A list of lists of at least so many names or ids. */
const isList = (value: unknown, least: number): boolean =>
  Array.isArray(value) && value.every((item) => Array.isArray(item) && item.length >= least && item.every(isText))
const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= 1_024
