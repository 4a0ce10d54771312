import { Deferred } from './deferred.js'
import { ASYNC_DISPOSE } from './dispose.js'
import { ActorError } from './errors.js'
import type { Link } from './link/link.js'
import type { Peer } from './peer.js'
import { own, requireRef } from './proxy.js'
import type { Proxy } from './proxy-types.js'
import type { AnySpawnOptions } from './spawn-options.js'

/** A peer as users see it: it may get another link when the one it had died. */
export class RemotePeer implements Peer {
  #link: Link
  /** Set while the peer is being dialled again. */
  #next: Deferred<Link> | undefined
  #left = false
  readonly #closed = new Deferred<ActorError>()

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
    return this.#closed.promise
  }

  /** Whether it was closed from here. */
  get left(): boolean {
    return this.#left
  }

  async spawn(key: string, options: AnySpawnOptions = {}): Promise<never> {
    return own(requireRef(await this.#request('spawn', [key, options]))) as never
  }

  async lookup<B>(name: string): Promise<Proxy<B> | undefined> {
    return (await this.#request('lookup', [name])) as Proxy<B> | undefined
  }

  async names(): Promise<string[]> {
    return (await this.#request('names', [])) as string[]
  }

  async close(): Promise<void> {
    this.#left = true
    const reason = new ActorError('stopped', 'the link was closed')
    this.#link.close(reason)
    if (this.#next) this.end(reason)
    await this.closed
  }

  [ASYNC_DISPOSE](): Promise<void> {
    return this.close()
  }

  /** The link died, and the peer is being dialled again: what is asked of it waits. */
  lost(): void {
    this.#next = new Deferred()
    // Whoever asks gets the reason; nobody has to.
    this.#next.promise.catch(() => {})
  }

  /** The peer is back. */
  moved(link: Link): void {
    this.#link = link
    this.#next?.resolve(link)
    this.#next = undefined
  }

  /** The link is gone for good. */
  end(reason: ActorError): void {
    this.#next?.reject(new ActorError('unreachable', 'the peer did not come back', { cause: reason }))
    this.#next = undefined
    this.#closed.resolve(reason)
  }

  async #request(verb: string, args: readonly unknown[]): Promise<unknown> {
    const link = this.#next ? await this.#next.promise : this.#link
    return link.request(verb, args)
  }
}
