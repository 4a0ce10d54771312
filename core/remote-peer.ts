import { ASYNC_DISPOSE } from './dispose.js'
import { ActorError } from './errors.js'
import type { Link } from './link/link.js'
import type { Peer } from './peer.js'
import { own, requireRef } from './proxy.js'
import type { Proxy } from './proxy-types.js'
import type { AnySpawnOptions } from './spawn-options.js'

/** A link's face for users. */
export class RemotePeer implements Peer {
  readonly #link: Link

  constructor(link: Link) {
    this.#link = link
  }

  get id(): string {
    return this.#link.peer
  }

  get actors(): readonly string[] {
    return this.#link.actors
  }

  get closed(): Promise<ActorError> {
    return this.#link.closed
  }

  async spawn(key: string, options: AnySpawnOptions = {}): Promise<never> {
    return own(requireRef(await this.#link.request('spawn', [key, options]))) as never
  }

  async lookup<B>(name: string): Promise<Proxy<B> | undefined> {
    return (await this.#link.request('lookup', [name])) as Proxy<B> | undefined
  }

  async names(): Promise<string[]> {
    return (await this.#link.request('names', [])) as string[]
  }

  async close(): Promise<void> {
    this.#link.close(new ActorError('stopped', 'the link was closed'))
    await this.#link.closed
  }

  [ASYNC_DISPOSE](): Promise<void> {
    return this.close()
  }
}
