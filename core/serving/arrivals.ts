import { ActorError } from '../ground/errors.js'
import type { LinkOptions } from '../link/link-options.js'
import { Link } from '../link/link.js'
import type { Peers } from '../peers/peers.js'
import { RemotePeer } from '../peers/remote-peer.js'
import type { Transport } from '../transport/transport.js'

/** The peers that came by a listener or a bus. */
export class Arrivals {
  readonly #peers: Peers
  /** Their open links. A link whose handshake is under way has no peer yet. */
  readonly #links = new Map<Link, RemotePeer | undefined>()
  /** Why no more peers are accepted. */
  #closed: ActorError | undefined

  constructor(peers: Peers) {
    this.#peers = peers
  }

  /** Those that are let in. */
  get all(): RemotePeer[] {
    return [...this.#links.values()].filter((peer) => peer !== undefined)
  }

  /** Makes a peer of a transport. One that is not let in is logged. */
  async accept(transport: Transport, options: LinkOptions): Promise<void> {
    const peers = this.#peers
    const link = new Link(peers, transport, options)
    this.#links.set(link, undefined)
    void link.closed.then(() => this.#links.delete(link))
    try {
      const attached = peers.attach(link)
      if (this.#closed) link.close(this.#closed)
      await attached
    } catch (error) {
      // One that left by itself, looks for what was before a restart, or comes when this side closes, is no news.
      const isNews = !['unreachable', 'expired'].includes((error as ActorError).code)
      if (!this.#closed && isNews) refused(peers, error)
      return
    }
    if (link.hasEnded) return
    const peer = new RemotePeer(link)
    this.#links.set(link, peer)
    peers.watch(link, peer)
  }

  /** Closes the links. Peers that come later, and those whose handshake is under way, are refused with the same reason. */
  async close(): Promise<void> {
    const reason = (this.#closed = new ActorError('stopped', 'the link was closed'))
    const closing = new ActorError('unreachable', 'the server closes')
    const close = ([link, peer]: [Link, RemotePeer | undefined]): unknown => {
      if (peer && !link.transport.lasting) return peer.close()
      // One that can come back may do so.
      link.close(peer ? closing : reason)
      return peer?.closed
    }
    await Promise.all(Array.from(this.#links, close))
  }
}

/** Says in the log why a peer is not let in. */
export const refused = (peers: Peers, error: unknown): void =>
  peers.realm.mention({ level: 'warn', text: '[troupe] a peer was refused', error })
