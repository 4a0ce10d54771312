import { Deferred } from '../ground/deferred.js'
import { ActorError, asActorError } from '../ground/errors.js'
import { type Intensity, type Restarts, restartsOf } from '../ground/restarts.js'
import type { Link } from '../link/link.js'
import { linkRouteOf } from '../remote/link-route.js'
import { RemoteRef } from '../remote/remote-ref.js'
import { WaitingRoute } from '../remote/waiting-route.js'
import type { Outage } from '../transport/transport.js'
import type { CloseOptions } from '../message/stop-options.js'
import { refOf } from '../proxy/proxy.js'
import type { AnySpawnOptions } from '../supervision/spawn-options.js'
import { type Snapshot, snapshotOf } from '../wire/snapshot.js'
import { again, FINAL } from './again.js'
import type { Peers } from './peers.js'
import type { Comeback, RemotePeer } from './remote-peer.js'

/** The part of the time until a realm is killed that its actors have; what is left is for the end of the realm itself. */
const OWN_TIME = 0.8

/** An actor that is spawned again, or looked up again, when its realm comes back. */
interface TrackedActor {
  /** What it is spawned by, or its name. */
  readonly key: string
  /** Absent for one that is looked up. */
  readonly options?: AnySpawnOptions
  /** Its arguments; undefined if there are none to make it again. */
  readonly args: Snapshot | undefined
  /** The reference to its present incarnation, as long as somebody holds it; one that has a name is kept here. */
  ref?: Pick<WeakRef<RemoteRef>, 'deref'>
  successor?: WaitingRoute | undefined
}

/** Dials a peer again when its link died, and brings back what was spawned or looked up through it. */
class Returning implements Comeback {
  next: Deferred<Link> | undefined
  outage: Outage | undefined
  readonly #peers: Peers
  readonly #dial: () => Promise<Link>
  readonly #restarts: Restarts
  readonly #file: string | undefined
  readonly #tracked = new Set<TrackedActor>()

  constructor(peers: Peers, dial: () => Promise<Link>, restart?: Intensity, file?: string) {
    this.#peers = peers
    this.#dial = dial
    this.#restarts = restartsOf(peers.realm.env, restart)
    this.#file = file
  }

  spawning(key: string, { args = [], ...options }: AnySpawnOptions): (ref: RemoteRef) => void {
    const tracked: TrackedActor = { key, options, args: snapshotOf(args) }
    return (ref) => this.#guard(tracked, ref)
  }

  found(key: string, ref: RemoteRef): void {
    for (const tracked of this.#tracked) {
      const known = tracked.ref?.deref()
      if (known === ref) return
      if (!known) this.#tracked.delete(tracked)
    }
    this.#guard({ key, args: undefined }, ref)
  }

  begin(peer: RemotePeer, reason: ActorError): boolean {
    if (FINAL.has(reason.code) || peer.left || this.#peers.realm.closed) return false
    void this.#bringBack(peer, reason)
    return true
  }

  retire(
    link: Link,
    { mode = 'now', timeout = 5_000 }: CloseOptions,
    reason: ActorError,
  ): Promise<unknown> | undefined {
    if (!link.open || !link.understands('ends') || mode === 'kill') return undefined
    link.parting = reason
    return link.request('end', [{ mode, timeout: timeout * OWN_TIME }], timeout).catch(() => {})
  }

  end(lost: ActorError): void {
    this.next?.reject(lost)
    this.next = undefined
    for (const { successor } of this.#tracked) successor?.giveUp(lost)
    this.#tracked.clear()
  }

  async #bringBack(peer: RemotePeer, error: ActorError): Promise<void> {
    const { realm } = this.#peers
    const { id, link: before } = peer
    this.#lost(before.defaultTimeout)
    const next = (attempt: number, delay: number): void => {
      this.outage = { reason: error, attempt, at: realm.env.now() + delay }
      peer.changed()
    }
    const link = await again(
      this.#peers,
      this.#dial,
      this.#restarts,
      () => peer.left,
      error,
      next,
      before.options.isOurs,
    )
    if (link instanceof ActorError) return peer.end(link)
    if (peer.left) return link.close(new ActorError('stopped', 'the link was closed'))
    this.#peers.watch(link, peer)
    peer.link = link
    // One that was only out of reach has kept its state.
    if (link.peer !== id) {
      const text = `[troupe] ${this.#file ?? id} ended, and was started again with new state`
      realm.log({ level: 'warn', text, error })
    }
    // The actors are spawned again before anything else is asked of the peer.
    for (const tracked of this.#tracked) void this.#respawn(tracked, link)
    this.next?.resolve(link)
    this.next = undefined
    peer.changed(false)
  }

  /** What is asked of the peer, and of its actors, waits. */
  #lost(timeout: number): void {
    this.next = new Deferred()
    // Whoever asks gets the reason; nobody has to.
    this.next.promise.catch(() => {})
    for (const tracked of this.#tracked) {
      // One that was on its way back already keeps those who wait for it.
      const ref = tracked.ref?.deref()
      // One that leads elsewhere by now has moved away.
      if (!ref || ref.actual !== ref) this.#tracked.delete(tracked)
      else if (!tracked.successor) ref.route = tracked.successor = new WaitingRoute(ref, Infinity, timeout)
    }
  }

  #guard(tracked: TrackedActor, ref: RemoteRef): void {
    const held = (tracked.ref = keep(ref, tracked.options))
    tracked.successor = undefined
    this.#tracked.add(tracked)
    const route = linkRouteOf(ref)
    // One that ended by itself or is let go of is not brought back; a link that ended says nothing of the actor.
    route?.watch(() => {
      if (route.open && tracked.ref === held) this.#tracked.delete(tracked)
    }, true)
  }

  async #respawn(tracked: TrackedActor, link: Link): Promise<void> {
    const { key, options, args, successor } = tracked
    const known = tracked.ref?.deref()
    if (!successor || !known) return
    const { id, path } = known.address
    try {
      if (options && !args) {
        const text = `${path} was spawned with arguments that were moved, or that its dead realm held by reference`
        throw new ActorError('not-restartable', text)
      }
      const asked = args
        ? link.request('spawn', [key, { ...options, ...(link.trusted && { id }), args: args.restore() }])
        : link.request('lookup', [key])
      const ref = refOf(await asked)
      // The link died behind its answer: the next one tries again.
      if (!link.open) return
      if (!(ref instanceof RemoteRef)) throw new ActorError('unreachable', `${path} is not there any more`)
      successor.arrive(ref)
      this.#guard(tracked, ref)
    } catch (error) {
      // The next link tries again.
      if (!link.open && this.#tracked.has(tracked)) return
      this.#tracked.delete(tracked)
      successor.giveUp(asActorError(error, 'start-failed', `${path} did not come back`))
    }
  }
}

/** For `Connector.returns`: the peer comes back after its link died, and with it the actors that were spawned through it. */
export const returning = (peers: Peers, dial: () => Promise<Link>, restart?: Intensity, file?: string): Comeback =>
  new Returning(peers, dial, restart, file)

/**
 * Found again by name it must be there; any other is there for those who hold it.
 * A function of its own, since functions made in one place keep all that any of them needs.
 */
const keep = (ref: RemoteRef, options?: AnySpawnOptions): Pick<WeakRef<RemoteRef>, 'deref'> =>
  options?.name === undefined ? new WeakRef(ref) : { deref: () => ref }
