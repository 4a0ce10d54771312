// The room realm: what all parts of one dispatcher share.
import { Directory } from '../directory/directory.js'
import { isPublic, Names } from '../directory/names.js'
import { Deadlines } from '../ground/deadlines.js'
import { type Env, platformEnv } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import type { Address } from '../ground/address.js'
import { Events } from '../ground/events.js'
import { checkLimits, type Limits, limitsOf, TRUSTED, UNTRUSTED } from '../ground/limits.js'
import { checkMilliseconds } from '../ground/milliseconds.js'
import type { Store } from '../ground/store.js'
import { printable } from '../ground/text.js'
import { unawaited } from '../ground/unawaited.js'
import type { LinkHome } from '../link/link-home.js'
import type { Link } from '../link/link.js'
import type { Message } from '../message/message.js'
import type { Ref } from '../message/ref.js'
import type { CloseOptions } from '../message/stop-options.js'
import { refOf } from '../proxy/proxy.js'
import { NamedRoute } from '../remote/named-route.js'
import { RemoteRef, type Route } from '../remote/remote-ref.js'
import type { BusInfo } from '../transport/bus-info.js'
import type { Transport } from '../transport/transport.js'
import { Remotes } from '../remote/remotes.js'
import { Routes } from '../remote/routes.js'
import { closed } from './closing.js'
import type { DispatcherInfo } from './dispatcher-info.js'
import { followAwaits } from './follow.js'
import type { Hosting } from './hosting.js'
import type { Moving } from './moving.js'
import { Root } from './root.js'
import type { LogEntry, RealmEvents } from './realm-events.js'

/** Lines of `mention` within so many milliseconds; more of them are counted, and told in one line. */
const MOST = 50
const SPAN = 1_000

/** The options of `new Dispatcher(…)`. */
export interface RealmOptions {
  /** The dispatcher's id, random unless given. Must be unique among all dispatchers that are ever linked. */
  readonly id?: string
  /** Limits of untrusted links, and under `trusted` those of trusted links. What is left out keeps its default. */
  readonly limits?: Partial<Limits> & { readonly trusted?: Partial<Limits> }
  /** Gets errors that no caller awaits, and warnings. `console.error` unless given. What it throws is ignored. */
  readonly log?: (entry: LogEntry) => void
  /** Whether messages between actors of this realm are copied, as they are over a link. `false` unless given. */
  readonly isolate?: boolean
  /** Time limit in ms of what states none: calls, and requests such as `spawn`, `lookup` and `stop`. No limit unless given. */
  readonly deadline?: number
  /**
   * Milliseconds after which the event `stalled` and one line in the log tell of a handler that runs while other messages
   * wait for its actor; 10,000 unless given, Infinity for never.
   */
  readonly stalled?: number
  /**
   * Whether a plain call that a handler makes after an `await` is known to be that handler's, as one before it is: it has the
   * handler's deadline, abort and sender, and is refused with `cycle` where it would wait for itself. Costs each message
   * some time. Only where the platform has AsyncLocalStorage (Node, Deno, Bun); elsewhere it changes nothing.
   */
  readonly follow?: boolean
  /** Where the state of durable actors is kept whose class names no store. */
  readonly store?: Store
  /** Clock, timers, random numbers and ids. The platform's unless given; `virtualClock()` in tests. */
  readonly env?: Env
}

/** Under this, a dispatcher has its realm: for what takes a dispatcher, such as `pool`. */
export const REALM: unique symbol = Symbol('realm')

/** The realm of a dispatcher. Throws `malformed`, with that text, for anything else. */
export function requireRealm(dispatcher: unknown, text: string): Realm {
  const realm = (dispatcher as { readonly [REALM]?: Realm } | null | undefined)?.[REALM]
  if (realm) return realm
  throw new ActorError('malformed', text)
}

/** Who is a member of which group. */
export interface Groups {
  /** The members of a group: all for a peer that was granted its name, those of this realm where no names are stated. */
  answer(group: unknown, granted: readonly string[] | undefined): unknown
}

declare const console: { error(...data: unknown[]): void }

const toConsole = ({ text, error }: LogEntry): void => console.error(text, ...(error === undefined ? [] : [error]))

/** Whose turn it is, of the actors of a realm. */
interface Queue {
  /** Whether no actor has work to do. */
  readonly isIdle: boolean
  /** Whether it is time for others. */
  readonly isOver: boolean
  push(actor: { run(): void }): void
  /** Runs what is ready now. */
  pump(): void
  /** A message was handled. Returns whether it is time for others. */
  handled(): boolean
}

/** What all parts of one dispatcher share: the tables, the clock and the log of a realm. */
export class Realm implements LinkHome {
  readonly id: string
  /** What ids of actors begin with: they are of this run, also where another run has the same id of the realm. */
  readonly run: string
  readonly env: Env
  readonly deadlines: Deadlines
  readonly events: Events<RealmEvents>
  readonly limits: { readonly trusted: Limits; readonly untrusted: Limits }
  readonly timeout: number
  /** Milliseconds after which a handler that others wait for is told of. */
  readonly stalled: number
  readonly isolates: boolean
  /** Where the state of actors is kept. */
  readonly store: Store | undefined
  readonly names: Names
  readonly directory: Directory
  /** Actors elsewhere, by key. */
  readonly remotes = new Remotes()
  /** Which of them goes by which link. */
  readonly routes = new Routes()
  /** Makes a link of a transport to another realm, once there are links. Rejects where one does not let the other in. */
  meet: ((transport: Transport) => Promise<Link>) | undefined = undefined
  /** Ends what goes on by itself, when the dispatcher closes. Called each time that it is told to close. */
  readonly ends = new Set<(options: CloseOptions) => Promise<void>>()
  /** What is known of the buses that were joined. */
  readonly buses = new Set<() => BusInfo>()
  /** What hosts actors here, once something brought it. */
  hosting: Hosting | undefined = undefined
  /** What moves them to other realms and takes them from there, once something brought it. */
  moving: Moving | undefined = undefined
  /** Actors of this realm by id. */
  readonly actors = new Map<string, Ref>()
  /** Actors with work to do, once there is an actor. */
  queue: Queue | undefined = undefined
  /** Lines since a time that is at most a span ago, if more come now. */
  #mentions = 0
  #mentionedAt = -Infinity
  /** What knows the members of groups, once somebody asked for a group. */
  groups: Groups | undefined = undefined
  /** What lets calls of peers follow one another, once there may be actors for them. */
  pipelining: LinkHome['pipelining'] = undefined
  /** Peers whose link died, and who are being dialled again. */
  returning = 0
  deadLetters = 0
  /** Set when the dispatcher closes: nothing new begins. */
  closed = false
  time = 0
  /** The public face of this realm, for `context.dispatcher`. */
  dispatcher!: { info(): DispatcherInfo }
  current: Message | undefined = undefined
  readonly #log: (entry: LogEntry) => void
  #root: Root | undefined
  #serial = 0

  constructor(options: RealmOptions) {
    // A proxy of an actor would answer to everything.
    if (typeof options !== 'object' || options === null || refOf(options))
      throw new ActorError('malformed', 'a dispatcher takes an object of options')
    const { env = platformEnv, log = toConsole } = options
    if (typeof env?.now !== 'function' || typeof log !== 'function')
      throw new ActorError('malformed', "'log' must be a function, and 'env' be one, such as virtualClock()")
    const { id = env.id() } = options
    if (typeof id !== 'string' || !id) throw new ActorError('malformed', "'id' must be a text, and not empty")
    this.env = env
    this.id = id
    // Short: so it is no part of its own of each id.
    this.run = options.id ? `${env.id().slice(0, 6)}-` : ''
    this.deadlines = new Deadlines(this.env)
    if (options.follow) followAwaits(this)
    this.#log = log
    this.events = new Events((error) => this.report(error, 'a listener'), 'spawning')
    const { trusted, ...untrusted } = checkLimits(options.limits) ?? {}
    this.limits = { trusted: limitsOf(TRUSTED, checkLimits(trusted)), untrusted: limitsOf(UNTRUSTED, untrusted) }
    this.timeout = checkMilliseconds('deadline', options.deadline) ?? Infinity
    this.stalled = checkMilliseconds('stalled', options.stalled) ?? 10_000
    this.isolates = options.isolate ?? false
    this.store = options.store
    this.directory = new Directory(this)
    this.names = new Names(this.limits.trusted.name, this.directory)
  }

  /** An actor known here under a name, a path or an id. */
  find(nameOrPathOrId: string): Ref | undefined {
    if (nameOrPathOrId === '/') return (this.#root ??= new Root(this))
    const known = this.names.get(nameOrPathOrId)
    if (known) return known
    const last = nameOrPathOrId.slice(nameOrPathOrId.lastIndexOf('/') + 1)
    const found = this.names.get(last) ?? this.actors.get(last)
    return last === nameOrPathOrId || found?.address.path === nameOrPathOrId ? found : undefined
  }

  /** The actor of that name, path or id; with a `ttl`, a reference whose messages wait for it. */
  async lookup(query: string, ttl: number | undefined): Promise<Ref | undefined> {
    const found = await this.directory.find(query)
    if (found instanceof RemoteRef) {
      found.query ||= query
      found.ttl = ttl ?? found.ttl
    }
    if (!found && this.closed) throw closed()
    if (found || ttl === undefined) return found
    return this.refer({ id: query, name: undefined, path: query, kind: 'unknown', realm: '' }, ttl)
  }

  /** A reference to the actor of that path, which is looked for when something is sent to it, and awaited for `ttl` ms. */
  refer(address: Address, ttl: number): Ref {
    const ref = new RemoteRef(this, address, `?${this.serial()}`)
    ref.ttl = ttl
    ref.route = new NamedRoute(ref, address.path)
    return ref
  }

  seek(ref: RemoteRef, query: string): Route | undefined {
    const way = new NamedRoute(ref, query)
    return way.refusal() ? undefined : way
  }

  valueOf(ref: Ref): object | undefined {
    return this.hosting?.valueOf(ref)
  }

  /** Gives an actor a further name, which it has until it ends. */
  register(name: string, ref: Ref): void {
    const isFirst = !ref.names?.some(isPublic)
    this.hosting?.checkName(name, ref)
    this.names.claim(name, ref)
    if (!(ref instanceof RemoteRef) || !isFirst) return
    ref.watch((reason) => {
      // One that is out of reach may come back.
      const code = reason instanceof ActorError && reason.code
      if (code !== 'unreachable' && code !== 'expired') this.names.releaseAll(ref)
    })
  }

  /** A number that no other call of this realm gets. */
  serial(): number {
    return ++this.#serial
  }

  /** A message that nobody took and nobody awaits. */
  lost(reason: unknown, about: string): void {
    this.deadLetters++
    this.events.emit('dead-letter', { about, reason })
    this.mention({ level: 'warn', text: `[troupe] dead letter: ${about}`, error: reason })
  }

  report(error: unknown, about: string): void {
    this.mention({ level: 'error', text: `[troupe] ${about} failed, and no caller awaits it`, error })
  }

  /** A line that peers can cause as often as they like. */
  mention(entry: LogEntry): void {
    const now = this.env.now()
    if (now - this.#mentionedAt > SPAN && this.#mentions <= MOST) {
      this.#mentionedAt = now
      this.#mentions = 0
    }
    if (++this.#mentions <= MOST) return this.log(entry)
    if (this.#mentions === MOST + 1) this.env.setTimer(this.#tellMore, SPAN, true)
  }

  readonly #tellMore = (): void => {
    const text = `[troupe] ${this.#mentions - MOST} further dead letters and errors within a second`
    this.#mentions = 0
    this.log({ level: 'warn', text, error: undefined })
  }

  log(entry: LogEntry): void {
    try {
      unawaited(this.#log({ ...entry, text: printable(entry.text) }), () => {})
    } catch {
      // A log that fails has nowhere left to go.
    }
  }
}
