// The room link/references: what crosses a link by reference: tables of what was handed out and what was received.
import type { ActorError } from '../../ground/errors.js'
import type { Message } from '../../message/message.js'
import type { Owner } from '../../message/owner.js'
import type { Ref } from '../../message/ref.js'
import { refOf } from '../../proxy/proxy.js'
import { type Carrier, type LinkRoute, linkRouteOf } from '../../remote/link-route.js'
import type { Routes } from '../../remote/routes.js'
import type { RemoteHome, RemoteRef } from '../../remote/remote-ref.js'
import type { Flow } from '../streams/flow.js'
import { Exports } from './exports.js'
import { Imports } from './imports.js'
import { Signals } from './signals.js'

/** What the references of a link need of their realm. */
export interface ReferencesHome extends RemoteHome {
  /** Actors of this realm by id. */
  readonly actors: ReadonlyMap<string, Ref>
  /** The object that an actor stands for, where it does. */
  valueOf(ref: Ref): object | undefined
  readonly routes: Routes
}

/** What this realm handed out over one link, and what it got over it. */
export class References {
  readonly exports: Exports
  readonly imports: Imports
  readonly signals: Signals
  /** Tells references that came over this link from those of all others. */
  readonly serial: number
  /** The way home of imported functions and streams. */
  readonly homes = new WeakMap<object, RemoteRef>()
  /** Of streams of the peer that are written to here. */
  readonly flows = new Set<Flow>()
  /** Functions and streams in what is being read. */
  came: RemoteRef[] | undefined
  /** Who hands out what the frame that is being written holds. */
  owner: Owner | undefined

  constructor(
    readonly realm: ReferencesHome,
    readonly carrier: Carrier,
    quota: number,
  ) {
    this.serial = realm.serial()
    this.exports = new Exports(quota)
    this.signals = new Signals(carrier, this.exports, quota)
    this.imports = new Imports(realm.remotes, carrier, quota)
  }

  /** What was read came with a message, or for the handler of one. */
  cameWith(message: Message | undefined): void {
    if (message) for (const ref of this.came!) ref.along = new WeakRef(message)
    this.came = undefined
  }

  /** Bytes of streams that the peer is not known to have. */
  get buffered(): number {
    let size = this.exports.buffered
    for (const flow of this.flows) size += flow.size
    return size
  }

  /** The link died: open streams run their `finally`, proxies found through this link are forgotten. */
  clear(reason: ActorError): void {
    this.exports.clear()
    this.flows.clear()
    for (const ref of this.imports.clear()) {
      // Chunks and calls that are on their way fail first, by an error of their own.
      if (ref.linkEnded) this.realm.env.defer(() => ref.linkEnded!(reason))
      const route = this.routeOf(ref)
      if (route && !route.next?.open) this.realm.remotes.delete(ref)
    }
  }

  /** Where a reference goes, if that is over this link. */
  routeOf(ref: Ref): LinkRoute | undefined {
    const route = linkRouteOf(ref)
    return route?.carrier === this.carrier ? route : undefined
  }

  /** Whether the peer holds this actor already. */
  knows(ref: Ref): boolean {
    return this.exports.indexOf(ref) !== undefined || this.routeOf(ref) !== undefined
  }

  /** Who sent a message: an untrusted peer speaks only for actors of its own. */
  senderOf(value: unknown): Ref | undefined {
    const ref = refOf(value)
    return this.carrier.trusted || (ref && this.routeOf(ref)) ? ref : undefined
  }
}
