import { standFor } from '../message/ask.js'
import { requestOf } from '../message/request.js'
import { Deferred } from '../ground/deferred.js'
import type { DispatcherInfo } from '../realm/dispatcher-info.js'
import { ASYNC_DISPOSE } from '../ground/dispose.js'
import { ActorError, asActorError } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import { linkRouteOf } from '../remote/link-route.js'
import { RemoteRef } from '../remote/remote-ref.js'
import { WaitingRoute } from '../remote/waiting-route.js'
import type { Peer } from './peer.js'
import { own, refOf, requireRef } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import type { AnySpawnOptions } from '../supervision/spawn-options.js'
import { type Snapshot, snapshotOf } from '../wire/snapshot.js'

/** An actor that is spawned again, or looked up again, when its realm comes back. */
interface Ward {
  /** What it is spawned by, or its name. */
  readonly key: string
  /** Absent for one that is looked up. */
  readonly options?: AnySpawnOptions
  /** Its arguments; undefined if there are none to make it again. */
  readonly args: Snapshot | undefined
  /** The reference to its present incarnation, as long as somebody holds it; one that has a name is kept here. */
  ref?: Pick<WeakRef<RemoteRef>, 'deref'>
  heir?: WaitingRoute | undefined
}

/** A peer as users see it: it may get another link when the one it had died, and its actors with it. */
export class RemotePeer implements Peer {
  #link: Link
  /** Set while the peer is being dialled again. */
  #next: Deferred<Link> | undefined
  /** Whether it was closed from here. */
  left = false
  readonly #closed = new Deferred<ActorError>()
  readonly #wards: Set<Ward> | undefined

  /** `returns`: what dies there comes back. */
  constructor(link: Link, returns = false) {
    this.#link = link
    if (returns) this.#wards = new Set()
  }

  get id(): string {
    return this.#link.peer
  }

  get actors(): readonly string[] {
    return this.#link.actors
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
    const { args = [], ...rest } = options
    const ward = this.#wards && { key, options: rest, args: snapshotOf(args) }
    const asked = this.#request('spawn', [key, options])
    return standFor(this.#spawned(asked, ward), asked)
  }

  lookup<B>(name: string): Promise<Proxy<B> | undefined> {
    const asked = this.#request('lookup', [name])
    return standFor(this.#found(asked, name), asked) as Promise<Proxy<B> | undefined>
  }

  names(): Promise<string[]> {
    return this.#request('names', []) as Promise<string[]>
  }

  run(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#request('run', [name, ...args])
  }

  info(): Promise<DispatcherInfo> {
    return this.#request('about', []) as Promise<DispatcherInfo>
  }

  async close(): Promise<void> {
    this.left = true
    const reason = new ActorError('stopped', 'the link was closed')
    this.#link.close(reason)
    if (this.#next) this.end(reason)
    await this.closed
  }

  [ASYNC_DISPOSE](): Promise<void> {
    return this.close()
  }

  /** The link died, and the peer is being dialled again: what is asked of it, and of its actors, waits. */
  lost(): void {
    this.#next = new Deferred()
    // Whoever asks gets the reason; nobody has to.
    this.#next.promise.catch(() => {})
    for (const ward of this.#wards ?? []) {
      // One that was on its way back already keeps those who wait for it.
      const ref = ward.ref?.deref()
      if (!ref) this.#wards!.delete(ward)
      else if (!ward.heir) ref.route = ward.heir = new WaitingRoute(ref)
    }
  }

  /** The peer is back: its actors are spawned again, before anything else is asked of it. */
  moved(link: Link): void {
    this.#link = link
    for (const ward of this.#wards ?? []) void this.#respawn(ward, link)
    this.#next?.resolve(link)
    this.#next = undefined
  }

  /** The link is gone for good. */
  end(reason: ActorError): void {
    const lost = new ActorError('unreachable', 'the peer did not come back', { cause: reason })
    this.#next?.reject(lost)
    this.#next = undefined
    for (const ward of this.#wards ?? []) ward.heir?.giveUp(lost)
    this.#wards?.clear()
    this.#closed.resolve(reason)
  }

  async #spawned(asked: Promise<unknown>, ward: Ward | undefined): Promise<never> {
    // Some turns later: of a link that died behind its answer, those who bring it back hear first.
    const ref = requireRef(await (async () => asked)()) as RemoteRef
    if (ward) this.#guard(ward, ref)
    return own(ref) as never
  }

  async #found(asked: Promise<unknown>, key: string): Promise<unknown> {
    const value = await (async () => asked)()
    const ref = refOf(value)
    if (!(ref instanceof RemoteRef) || !this.#wards) return value
    for (const ward of this.#wards) {
      const known = ward.ref?.deref()
      if (known === ref) return value
      if (!known) this.#wards.delete(ward)
    }
    this.#guard({ key, args: undefined }, ref)
    return value
  }

  #guard(ward: Ward, ref: RemoteRef): void {
    const held = (ward.ref = hold(ref, ward.options))
    ward.heir = undefined
    this.#wards!.add(ward)
    const route = linkRouteOf(ref)
    // One that ended by itself or is let go of is not brought back; a link that ended says nothing of the actor.
    route?.watch(() => {
      if (route.open && ward.ref === held) this.#wards!.delete(ward)
    }, true)
  }

  async #respawn(ward: Ward, link: Link): Promise<void> {
    const { key, options, args, heir } = ward
    const known = ward.ref?.deref()
    if (!heir || !known) return
    const { id, path } = known.address
    try {
      if (options && !args) {
        const text = `${path} was spawned with arguments that were moved, or that its dead realm held by reference`
        throw new ActorError('not-restartable', text)
      }
      const asked = args
        ? link.request('spawn', [key, { ...options, id, args: args.restore() }])
        : link.request('lookup', [key])
      const ref = refOf(await asked)
      // The link died behind its answer: the next one tries again.
      if (!link.open) return
      if (!(ref instanceof RemoteRef)) throw new ActorError('unreachable', `${path} is not there any more`)
      heir.arrive(ref)
      this.#guard(ward, ref)
    } catch (error) {
      // The next link tries again.
      if (!link.open && this.#wards!.has(ward)) return
      this.#wards!.delete(ward)
      heir.giveUp(asActorError(error, 'start-failed', `${path} did not come back`))
    }
  }

  #request(verb: string, args: readonly unknown[]): Promise<unknown> {
    const { realm } = this.#link
    const request = requestOf(realm, verb, args)
    realm.current?.calls(request)
    const failed = (error: unknown): void => request.fail(error)
    if (this.#next) this.#next.promise.then((link) => link.demand(request), failed)
    else this.#link.demand(request)
    return request.promise
  }
}

/**
 * Found again by name it must be there; any other is there for those who hold it.
 * A function of its own, since functions made in one place keep all that any of them needs.
 */
const hold = (ref: RemoteRef, options?: AnySpawnOptions): Pick<WeakRef<RemoteRef>, 'deref'> =>
  options?.name === undefined ? new WeakRef(ref) : { deref: () => ref }
