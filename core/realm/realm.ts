import { checkMilliseconds } from '../ground/milliseconds.js'
import type { Address } from '../ground/address.js'
import { Cell } from '../actor/cell.js'
import { Deadlines } from '../ground/deadlines.js'
import { Directory } from '../directory/directory.js'
import type { Dispatcher } from '../dispatcher.js'
import { type Env, platformEnv } from '../ground/env.js'
import { ActorError } from '../ground/errors.js'
import { Events } from '../ground/events.js'
import { type Limits, TRUSTED, UNTRUSTED } from '../ground/limits.js'
import { NamedRoute } from '../remote/named-route.js'
import { RemoteRef, type Route } from '../remote/remote-ref.js'
import type { Routes } from '../remote/routes.js'
import type { Message } from '../message/message.js'
import { Names } from '../directory/names.js'
import type { Home, Ref } from '../message/ref.js'
import { Remotes } from '../remote/remotes.js'
import { Root } from '../actor/root.js'
import { RunQueue } from '../actor/run-queue.js'
import { represent, spawn, type Spawning } from '../actor/spawn.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import type { Origin } from '../supervision/origin.js'
import { hasEnded, type State } from '../supervision/state.js'
import { unawaited } from '../ground/unawaited.js'

/** What happens in a realm, for `dispatcher.on` and the log. */
export interface RealmEvents {
  /** An actor is about to be made: the listener may change its options, or throw, and the spawn fails with `start-failed`. */
  spawning(spawning: Spawning): void
  started(address: Address): void
  stopped(address: Address, reason: unknown): void
  restarted(address: Address, error: unknown): void
  /** Every change in the life of an actor. */
  state(address: Address, state: State, before: State): void
  'dead-letter'(letter: DeadLetter): void
  'peer-up'(peer: string): void
  'peer-down'(peer: string, reason: ActorError): void
}

/** An actor that has ended. */
export interface Terminated {
  readonly address: Address
  readonly reason: unknown
}

/** A message that no handler took and no caller awaits. */
export interface DeadLetter {
  readonly about: string
  readonly reason: unknown
}

export interface LogEntry {
  readonly level: 'warn' | 'error'
  readonly text: string
  readonly error: unknown
}

export interface RealmOptions {
  /** The dispatcher's id; random unless given. Must be unique among all that will ever meet. */
  readonly id?: string
  /** Bounds for untrusted links, and under `trusted` for trusted ones. */
  readonly limits?: Partial<Limits> & { readonly trusted?: Partial<Limits> }
  /** Receives errors that nobody awaits, also those of listeners; `console.error` unless given. What it throws is lost. */
  readonly log?: (entry: LogEntry) => void
  /** Whether values are copied between the actors of this realm, too, as they are over a link. */
  readonly isolate?: boolean
  /** Milliseconds given to every call that states no timeout of its own. */
  readonly deadline?: number
  /** Clock, timers, random numbers and ids; the platform's unless given. */
  readonly env?: Env
}

/** So many of those that ended are remembered. */
const MEMORIES = 100

declare const console: { error(...data: unknown[]): void }

/** What all parts of one dispatcher share: the tables, the clock and the queues of a realm. */
export class Realm implements Home {
  readonly id: string
  readonly env: Env
  readonly deadlines: Deadlines
  readonly queue: RunQueue
  readonly events: Events<RealmEvents>
  readonly limits: { readonly trusted: Limits; readonly untrusted: Limits }
  readonly timeout: number
  readonly isolates: boolean
  /** Actors of this realm by id. */
  readonly actors = new Map<string, Ref>()
  readonly names: Names
  readonly directory: Directory
  /** Actors elsewhere, by key. */
  readonly remotes = new Remotes()
  /** The actors that stand for objects which travel by reference. */
  readonly #lent = new WeakMap<object, Cell>()
  /** Which of them goes by which link. */
  routes!: Routes
  /** Peers whose link died, and who are being dialled again. */
  returning = 0
  deadLetters = 0
  /** The last that ended. */
  readonly terminated: Terminated[] = []
  /** Set when the dispatcher closes: nothing new begins. */
  closed = false
  time = 0
  /** The public face of this realm, for `context.dispatcher`. */
  dispatcher!: Dispatcher
  current: Message | undefined = undefined
  #root: Root | undefined
  readonly #log: (entry: LogEntry) => void
  #serial = 0

  constructor(options: RealmOptions) {
    this.env = options.env ?? platformEnv
    this.id = options.id ?? this.env.id()
    this.deadlines = new Deadlines(this.env)
    this.queue = new RunQueue(this.env, (error) => this.report(error, 'an actor'))
    this.#log = options.log ?? ((entry) => console.error(entry.text, entry.error))
    this.events = new Events((error) => this.report(error, 'a listener'), 'spawning')
    const { trusted, ...untrusted } = options.limits ?? {}
    this.limits = { trusted: { ...TRUSTED, ...trusted }, untrusted: { ...UNTRUSTED, ...untrusted } }
    this.timeout = checkMilliseconds('deadline', options.deadline) ?? Infinity
    this.isolates = options.isolate ?? false
    this.names = new Names(this.limits.trusted.name, (name, there) => this.directory.changed(name, there))
    this.directory = new Directory(this)
  }

  /** An actor known here under a name, a path or an id. */
  find(nameOrPathOrId: string): Ref | undefined {
    const { names, actors } = this
    if (nameOrPathOrId === '/') return (this.#root ??= new Root(this))
    if (!nameOrPathOrId.startsWith('/')) return names.get(nameOrPathOrId) ?? actors.get(nameOrPathOrId)
    const last = nameOrPathOrId.slice(nameOrPathOrId.lastIndexOf('/') + 1)
    const found = names.get(last) ?? actors.get(last)
    return found?.address.path === nameOrPathOrId ? found : undefined
  }

  /** The actor of that name, path or id; with a `ttl`, a reference whose messages wait for it. */
  async lookup(sought: string, ttl: number | undefined): Promise<Ref | undefined> {
    const found = await this.directory.find(sought)
    if (found instanceof RemoteRef) found.sought ??= sought
    if (found || ttl === undefined) return found
    const address = { id: sought, name: undefined, path: sought, kind: 'unknown', realm: '' }
    const ref = new RemoteRef(this, address, `?${this.serial()}`)
    ref.route = new NamedRoute(this, this.directory, ref, sought, { ttl, code: 'expired', hope: () => !this.closed })
    return ref
  }

  actorOf(value: object): Ref {
    const known = this.#lent.get(value)
    if (known && !hasEnded(known.state)) return known
    const cell = represent(this, value)
    this.#lent.set(value, cell)
    return cell
  }

  /** The object that an actor stands for, where it does. */
  valueOf(ref: Ref): object | undefined {
    const { instance } = ref as Partial<Cell>
    return instance && this.#lent.get(instance) === ref ? instance : undefined
  }

  seek(ref: RemoteRef, sought: string): Route | undefined {
    const hope = (): boolean => this.returning > 0 || this.directory.mayFind(sought)
    if (!hope()) return undefined
    const ttl = this.limits.trusted.early
    return new NamedRoute(this, this.directory, ref, sought, { ttl, code: 'unreachable', hope })
  }

  /** Throws `malformed`, or `name-taken` where another actor has it as its name, or was given it as its id. */
  checkName(name: string, of?: Ref): void {
    this.names.checkFree(name)
    const actor = this.actors.get(name)
    if (actor instanceof Cell && actor !== of && actor.givenId === name)
      throw new ActorError('name-taken', `the name '${name}' is taken: it is the id of an actor`)
  }

  /** Gives an actor a further name, which it has until it ends. */
  register(name: string, ref: Ref): void {
    const isFirst = ref.names === undefined
    this.checkName(name, ref)
    this.names.claim(name, ref)
    if (!(ref instanceof RemoteRef) || !isFirst) return
    ref.watch((reason) => {
      // One that is out of reach may come back.
      if (!(reason instanceof ActorError) || reason.code !== 'unreachable') this.names.releaseAll(ref)
    })
  }

  /** A number that no other call of this realm gets. */
  serial(): number {
    return ++this.#serial
  }

  /** Makes an actor here. */
  spawn(actor: ActorClass, options?: AnySpawnOptions, origin?: Origin): Promise<Cell> {
    return spawn(this, actor, options, origin)
  }

  /** Options of an actor that is about to be made, as the listeners of `spawning` leave them. Throws `start-failed`. */
  intercept(kind: string, parent: Ref | undefined, options: AnySpawnOptions): AnySpawnOptions {
    if (!this.events.hears('spawning')) return options
    const spawning: Spawning = { kind, parent: parent?.address.path, options }
    try {
      this.events.emit('spawning', spawning)
    } catch (cause) {
      throw new ActorError('start-failed', `a listener of 'spawning' refused ${kind}`, { cause })
    }
    return spawning.options
  }

  /** What happened to an actor, for those who listen. */
  tell(event: 'started' | 'restarted', actor: Ref, error?: unknown): void {
    if (this.events.hears(event)) this.events.emit(event, actor.address, error)
  }

  changed(actor: Cell, before: State): void {
    if (this.events.hears('state')) this.events.emit('state', actor.address, actor.state, before)
  }

  /** An actor has ended. */
  forget(actor: Cell, address: Address, reason: unknown): void {
    this.actors.delete(actor.id)
    this.names.releaseAll(actor)
    this.terminated.push({ address, reason })
    if (this.terminated.length > MEMORIES) this.terminated.shift()
    this.events.emit('stopped', address, reason)
  }

  /** How the realm is: milliseconds that a task waits for its turn, and bytes of heap. */
  async vitals(): Promise<{ readonly delay: number; readonly memory: number | undefined }> {
    const start = this.env.now()
    await new Promise<void>((resolve) => this.env.defer(resolve))
    return { delay: this.env.now() - start, memory: this.env.memory?.() }
  }

  /** A message that nobody took and nobody awaits. */
  lost(reason: unknown, about: string): void {
    this.deadLetters++
    this.events.emit('dead-letter', { about, reason })
    this.log({ level: 'warn', text: `[troupe] dead letter: ${about}`, error: reason })
  }

  report(error: unknown, about: string): void {
    this.log({ level: 'error', text: `[troupe] ${about} failed and nobody awaits it`, error })
  }

  log(entry: LogEntry): void {
    try {
      unawaited(this.#log(entry), () => {})
    } catch {
      // A log that fails has nowhere left to go.
    }
  }
}
