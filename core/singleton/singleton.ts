import type { Address } from '../ground/address.js'
import { Deferred } from '../ground/deferred.js'
import { ActorError, asActorError } from '../ground/errors.js'
import { Events } from '../ground/events.js'
import { type Restarts, restartsOf } from '../ground/restarts.js'
import type { Message } from '../message/message.js'
import { Ref, type Verb } from '../message/ref.js'
import { answer } from '../message/request.js'
import { closed } from '../realm/closing.js'
import type { Realm } from '../realm/realm.js'
import { type Calls, callsOf } from '../rerouting/calls.js'
import { type Candidate, elect, type Election } from './election.js'
import type { Host } from './host.js'
import type { Leadership, LeadershipEvents, LeadershipState } from './leadership.js'
import type { Platform } from './platform.js'
import type { Target } from './target.js'

/**
 * Milliseconds before the next leader is called, and between two attempts at that. What the last one sent still arrives in
 * that time: the platform orders channels and locks in no way.
 */
const WAIT = 40

/**
 * The part that one realm takes in a singleton, and what its proxy stands for: the realm leads, or follows, and calls go to the
 * actor wherever that is.
 */
export class Singleton extends Ref implements Candidate, Leadership {
  readonly home: Realm
  readonly defaultTimeout = Infinity
  readonly address: Address
  /** Resolves when the actor can be called for the first time. */
  readonly ready = new Deferred<void>()
  declare state: LeadershipState
  declare leader: string | undefined
  readonly #calls: Calls<Target>
  readonly #election: Election
  readonly #host: Host
  readonly #events: Events<LeadershipEvents>
  /** Set once the actor was reached: until then, what fails is told. */
  #restarts: Restarts | undefined
  readonly #unwatch: () => void
  /** The attempt to get at the actor that is under way, or was the last one. */
  #attempt = 0
  /** Why it takes part no more. */
  #reason: ActorError | undefined

  constructor(
    home: Realm,
    platform: Platform,
    name: string,
    kind: string,
    version: number,
    lease: number,
    /** What it is asked for with, here. */
    readonly of: unknown,
    host: Host,
  ) {
    super()
    const { env, id, limits } = home
    this.home = home
    // By its path it is found again, wherever it is.
    this.address = { id: env.id(), name, path: `/${name}`, kind, realm: id }
    this.#events = new Events((error) => home.report(error, 'a listener'))
    this.#calls = callsOf(
      home,
      lease + limits.trusted.early,
      // An actor that ends refuses calls before it has ended.
      (failure, isUnrun, target) => !target?.isOpen || (isUnrun && (failure as ActorError).code === 'stopped'),
    )
    this.#election = elect(env, platform, name, id, version, lease, this, host.knocked)
    this.#host = host
    // Whoever waits gets the reason; nobody has to.
    this.ready.promise.catch(() => {})
    this.#unwatch = platform.onAway((isAway) => this.#away(isAway))
    home.ends.add(this.#close)
    // So it is found by its path.
    home.names.add(this.address.path, this)
    this.#hold()
    this.#election.begin()
  }

  get key(): string {
    return `${this.home.id}/${this.address.id}`
  }

  override get isElsewhere(): boolean {
    return true
  }

  deliver(message: Message): void {
    this.#calls.put(message)
  }

  /** To stop it is to take part no more. */
  control(request: Message): void {
    const { method, args } = request
    const { target } = this.#calls
    if (method === 'stop' || method === 'kill')
      answer(this.home, request, () =>
        this.resign(new ActorError('stopped', 'this realm has left the singleton'), method, args[0]),
      )
    else if (target) target.ref.control(request)
    else request.fail(new ActorError('unreachable', 'no realm runs the actor at the moment'))
  }

  watch(listener: (reason: unknown) => void): () => void {
    void (this.#reason && Promise.resolve(this.#reason).then(listener))
    return this.on('state', (state) => state === 'ended' && listener(this.#reason))
  }

  on<K extends keyof LeadershipEvents>(event: K, listener: LeadershipEvents[K]): () => void {
    return this.#events.on(event, listener)
  }

  led(by: string): void {
    if (!this.#election.leads) this.#host.abandon()
    if (this.#reason) return
    this.leader = by || undefined
    // Where the actor is reached whoever leads, there is no more to do.
    if (this.#host.outlives && this.#calls.target?.isOpen) return this.#enter()
    this.#hold()
    if (by) this.#get(WAIT)
  }

  /** Takes part no more. If this realm leads, the actor ends in order, and another realm takes over. */
  async resign(cause: unknown, verb: Verb = 'stop', options?: unknown): Promise<void> {
    if (this.#reason) return
    const reason = (this.#reason = asActorError(cause, 'start-failed', 'the actor cannot run in this realm'))
    const isOutdated = reason.code === 'version'
    const { target } = this.#calls
    this.#attempt++
    this.leader = undefined
    this.#calls.end(reason)
    this.#enter('ended')
    this.ready.reject(reason)
    this.#unwatch()
    this.home.ends.delete(this.#close)
    this.home.names.releaseAll(this)
    // What is under way has its outcome before.
    if (!this.#election.leads) {
      this.#election.end()
      if (isOutdated) await target?.ended
    } else if (isOutdated || !this.#host.outlives)
      // One that can't be reached must not keep others from leading.
      await this.#host.stop(verb, options).catch(() => this.#host.abandon())
    // What was said last leaves before.
    await new Promise<void>((resolve) => this.home.env.defer(resolve))
    this.#election.end()
    this.#host.close(true)
    this.#calls.end(reason, true)
  }

  /** Gets at the actor after some time, unless something happens before. */
  #get(wait: number): void {
    // A listener may have left meanwhile.
    if (this.#reason) return
    const attempt = this.#attempt
    const isNow = (): boolean => this.#attempt === attempt
    const find = (): void => {
      if (!isNow()) return
      const finding = this.#election.leads ? this.#host.start() : this.#host.reach(this.#election.knock)
      finding.then(
        (target) => isNow() && this.#found(target),
        (error: unknown) => isNow() && this.#missed(error),
      )
    }
    this.home.env.setTimer(find, wait, true)
  }

  #found(target: Target): void {
    this.#calls.route(target)
    void target.ended.then(() => this.#lost(target))
    this.#restarts ??= restartsOf(this.home.env)
    this.ready.resolve()
    this.#enter()
  }

  #missed(cause: unknown): void {
    const wait = this.#election.leads ? this.#restarts?.next() : WAIT
    if (wait === undefined) void this.resign(cause)
    else this.#get(wait)
  }

  /** The actor, or the way to it, has ended. */
  #lost(target: Target): void {
    if (this.#calls.target !== target || this.#reason) return
    this.#hold()
    if (!this.home.closed) this.#missed(new ActorError('escalated', 'the actor ended too often in this realm'))
  }

  #hold(): void {
    this.#attempt++
    this.#calls.hold()
    this.#enter('waiting')
  }

  #enter(state: LeadershipState = this.#election.leads ? 'leading' : 'following'): void {
    this.state = state
    this.#events.emit('state', state, { leader: this.leader, reason: this.#reason })
  }

  /** The page runs nothing any more, for now or for good; or it runs again. */
  #away(isAway: boolean): void {
    if (!isAway) return this.#election.begin()
    this.#election.end()
    this.led('')
    this.#host.close(false)
  }

  readonly #close = (): Promise<void> => this.resign(closed())
}
