import { ActorError } from '../ground/errors.js'
import type { Link } from '../link/link.js'
import type { Ref, Verb } from '../message/ref.js'
import { control } from '../message/request.js'
import type { RemotePeer } from '../peers/remote-peer.js'
import { requireRef } from '../proxy/proxy.js'
import type { AnySpawnOptions } from '../supervision/spawn-options.js'
import type { Host } from './host.js'
import { type Target, targetAt } from './target.js'

/** A realm that all others are linked with, such as a SharedWorker, runs the actor. The one that leads sees to it that it does. */
export class PeerHost implements Host {
  readonly outlives = true
  readonly #peer: RemotePeer
  readonly #key: string
  readonly #options: AnySpawnOptions
  /** The actor, once it was reached. */
  #actor: Ref | undefined

  /** The peer offers the class under `key`, or under another one if it offers nothing else. */
  constructor(peer: RemotePeer, key: string, options: AnySpawnOptions) {
    this.#peer = peer
    this.#key = key
    this.#options = options
  }

  async start(): Promise<Target> {
    const link = await this.#link()
    const { actors } = link
    const key = actors.length === 1 ? actors[0] : this.#key
    await link.request('spawn', [key, this.#options]).catch((error: ActorError) => {
      // It runs already.
      if (error.code !== 'name-taken') throw error
    })
    return this.#find(link)
  }

  async reach(): Promise<Target> {
    return this.#find(await this.#link())
  }

  async stop(verb: Verb, options: unknown): Promise<unknown> {
    return this.#actor && control(this.#actor, verb, options)
  }

  close(isOver: boolean): void {
    if (isOver) void this.#peer.close()
  }

  readonly knocked = (): void => {}

  abandon(): void {}

  /** The link of now, or the next one. */
  async #link(): Promise<Link> {
    const { comeback, link } = this.#peer
    return (await comeback?.next?.promise) ?? link
  }

  async #find(link: Link): Promise<Target> {
    this.#actor = requireRef(await link.request('lookup', [this.#options.name]))
    return targetAt(this.#actor, link)
  }
}

/**
 * For `Connector.hosts`: the peer is one that all realms of an origin share, and may run their singletons. Resolves to undefined
 * where the platform has no such peer, and this realm is able to run the actor.
 */
export async function sharedHost(
  connect: () => Promise<RemotePeer>,
  key: string,
  options: AnySpawnOptions,
  isAble: unknown,
): Promise<Host | undefined> {
  try {
    return new PeerHost(await connect(), key, options)
  } catch (error) {
    if (isAble && error instanceof ActorError && error.code === 'no-worker') return undefined
    throw error
  }
}
