import { asCall } from '../message/ask.js'
import { noticed } from '../message/call-promise.js'
import { requestOf } from '../message/request.js'
import { Deferred } from '../ground/deferred.js'
import type { DispatcherInfo } from '../realm/dispatcher-info.js'
import { ASYNC_DISPOSE } from '../ground/dispose.js'
import { ActorError } from '../ground/errors.js'
import { Events } from '../ground/events.js'
import type { Link } from '../link/link.js'
import { RemoteRef } from '../remote/remote-ref.js'
import type { Outage } from '../transport/transport.js'
import type { Peer, PeerEvents, PeerState, PeerStateDetails } from './peer.js'
import { checkStopOptions, type CloseOptions } from '../message/stop-options.js'
import { own, refOf, requireRef } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import type { AnySpawnOptions } from '../supervision/spawn-options.js'

/** What brings a peer back. It comes with connectors whose peers return: see `returning`. */
export interface Comeback {
  /** Set while the peer is being dialled again. */
  readonly next: Pick<Deferred<Link>, 'promise'> | undefined
  /** What is known of that. */
  readonly outage: Outage | undefined
  /** Called before an actor is spawned; what it returns is called with the actor. */
  spawning(key: string, options: AnySpawnOptions): (ref: RemoteRef) => void
  /** An actor was found by its name. */
  found(name: string, ref: RemoteRef): void
  /** The link died: dials again. Returns false if that would not help. */
  begin(peer: RemotePeer, reason: ActorError): boolean
  /**
   * Asks the realm there to stop its actors and to end. Resolves when it has ended, when it is to be ended from here, or
   * when the time is over. Undefined if it can't be asked, or is to be killed.
   */
  retire(link: Link, options: CloseOptions, reason: ActorError): Promise<unknown> | undefined
  /** The peer is gone for good. */
  end(lost: ActorError): void
}

/** A peer as users see it: it may get another link when the one it had died, and its actors with it. */
export class RemotePeer implements Peer {
  link: Link
  /** Whether it was closed from here. */
  left = false
  readonly comeback: Comeback | undefined
  readonly #closed = new Deferred<ActorError>()
  readonly #events: Events<PeerEvents>
  #end: ActorError | undefined

  constructor(link: Link, comeback?: Comeback) {
    this.link = link
    this.comeback = comeback
    this.#events = new Events((error) => link.realm.report(error, 'a listener'))
  }

  get id(): string {
    return this.link.peer
  }

  get user(): unknown {
    return this.link.grant.user
  }

  get actors(): readonly string[] {
    return this.link.actors
  }

  get state(): PeerState {
    if (this.#end) return 'closed'
    return this.#outage ? 'reconnecting' : 'open'
  }

  get #outage(): Outage | undefined {
    if (this.#end) return undefined
    return this.comeback?.next ? this.comeback.outage : this.link.outage
  }

  on<K extends keyof PeerEvents>(event: K, listener: PeerEvents[K]): () => void {
    return this.#events.on(event, listener)
  }

  /** Its state did, or another attempt is to be made. */
  changed(resumed = true): void {
    const { reason = this.#end, attempt, at } = this.#outage ?? ({} as Partial<Outage>)
    const details: PeerStateDetails = {
      ...(this.state === 'open' && { resumed }),
      ...(reason && { reason }),
      ...(attempt && { attempt }),
      ...(at !== undefined && { retryIn: Math.max(0, at - this.link.realm.env.now()) }),
    }
    this.#events.emit('state', this.state, details)
  }

  get closed(): Promise<ActorError> {
    return this.#closed.promise
  }

  spawn(key: string, options: AnySpawnOptions = {}): Promise<never> {
    if (typeof key !== 'string')
      return Promise.reject(
        new ActorError(
          'malformed',
          `spawn of a peer takes a key of its actors, such as 'Counter', not a ${typeof key}`,
        ),
      )
    const guard = this.comeback?.spawning(key, options)
    return this.#request('spawn', [key, options], (actor) => {
      const ref = requireRef(actor) as RemoteRef
      guard?.(ref)
      return own(ref)
    })
  }

  lookup<B>(name: string): Promise<Proxy<B> | undefined> {
    return this.#request('lookup', [name], (found) => {
      const ref = refOf(found)
      if (ref instanceof RemoteRef) this.comeback?.found(name, ref)
      return found
    })
  }

  names(): Promise<string[]> {
    return this.#request('names', [])
  }

  run(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#request('run', [name, ...args])
  }

  info(): Promise<DispatcherInfo> {
    return this.#request('about', [])
  }

  async close(options?: CloseOptions): Promise<void> {
    const how = checkStopOptions(options)
    // The peer ends this realm, and closes the link.
    if (this.link.parting && !this.left) return
    this.left = true
    const reason = new ActorError('stopped', 'the link was closed')
    const retired = this.comeback?.retire(this.link, how, reason)
    if (retired) await retired
    this.link.close(reason)
    if (this.comeback?.next) this.end(reason)
    await this.closed
  }

  [ASYNC_DISPOSE](): Promise<void> {
    return this.close()
  }

  /** The link is gone for good. */
  end(reason: ActorError): void {
    this.comeback?.end(new ActorError('unreachable', 'the peer did not come back', { cause: reason }))
    if (this.#end) return
    this.#end = reason
    this.#closed.resolve(reason)
    this.changed()
  }

  /** Resolves to what `made` makes of the answer. It is logged if it fails and no code uses it. */
  #request<T>(verb: string, args: readonly unknown[], made = (answer: unknown): unknown => answer): Promise<T> {
    const { link, comeback } = this
    const { realm, peer, defaultTimeout } = link
    const request = requestOf(realm, verb, args)
    const { promise } = request
    realm.current?.calls(request)
    const next = comeback?.next
    if (next) {
      realm.deadlines.addDefault(request, defaultTimeout)
      next.promise.then(
        (link) => request.settled || link.demand(request),
        (error: unknown) => request.fail(error),
      )
    } else link.demand(request)
    // Some turns later: of a link that died behind its answer, those who bring it back hear first.
    const outcome = (async () => made(await (async () => promise)()) as T)()
    return asCall(noticed(outcome, verb, { home: realm, address: { path: peer } }), promise)
  }
}
