import { ActorError } from '../ground/errors.js'
import { transfer } from '../wire/transfer.js'
import type { Ports, Transport } from '../transport/transport.js'
import { type Carrier, LinkRoute, linkRouteOf } from './link-route.js'
import type { RemoteRef } from './remote-ref.js'

/** A trusted link, as introductions see it. */
export interface Line extends Carrier {
  readonly ports: Ports | undefined
  /** Hands a port over. */
  introduce(introduction: object): void
}

/** What the realm between says to each of two: who is at the other end of the port, and whom it leads to. */
interface Introduction {
  readonly peer: string
  readonly realm: string
  /** Absent where the two have met before. */
  readonly port?: object
}

/**
 * The links of a realm by who is at their ends, and which reference goes by which.
 *
 * A realm that passes a reference on from one neighbour to another hands both ends of a new port over, so
 * that they talk without it. A reference then changes its route: it is told its place in the new link's
 * table, behind a gate that opens once all that went by the old route has arrived.
 */
export class Routes {
  readonly #lines = new Map<string, Line>()
  /** Neighbours that lead to realms which are not neighbours. */
  readonly #leads = new Map<string, string>()
  /** Of whom each neighbour was told, and which realms are behind them. */
  readonly #told = new WeakMap<Line, WeakMap<Line, Set<string>>>()
  readonly #moving = new WeakSet<RemoteRef>()
  readonly #remotes: () => Iterable<RemoteRef>
  readonly #accept: (transport: Transport, peer: string) => void

  /** `accept` makes a link of a port that was handed over. */
  constructor(remotes: () => Iterable<RemoteRef>, accept: (transport: Transport, peer: string) => void) {
    this.#remotes = remotes
    this.#accept = accept
  }

  /** A trusted link opened. */
  join(line: Line): void {
    if (this.#lines.get(line.peer)?.open) return
    this.#lines.set(line.peer, line)
    for (const ref of this.#remotes()) this.consider(ref)
  }

  leave(line: Line): void {
    if (this.#lines.get(line.peer) === line) this.#lines.delete(line.peer)
  }

  /** A reference may go by a shorter route than it does. */
  consider(ref: RemoteRef): void {
    const { realm } = ref.address
    const line = this.#lines.get(realm) ?? this.#lines.get(this.#leads.get(realm) ?? '')
    const old = linkRouteOf(ref)
    if (!line || !old?.trusted || line === old.carrier || old.carrier.peer === realm || this.#moving.has(ref)) return
    this.#moving.add(ref)
    void this.#move(ref, old, line).then((moved) => {
      this.#moving.delete(ref)
      // A still shorter one may have come meanwhile.
      if (moved) this.consider(ref)
    })
  }

  /** A reference from one neighbour was handed to another: they could do without us. */
  passed(ref: RemoteRef, to: Carrier): void {
    const from = linkRouteOf(ref)?.carrier as Line | undefined
    const line = to as Line
    if (!from?.trusted || !line.trusted || !from.ports || !line.ports) return
    const { realm } = ref.address
    const told = this.#told.get(line) ?? new WeakMap<Line, Set<string>>()
    this.#told.set(line, told)
    const realms = told.get(from)
    if (realms?.has(realm)) return
    told.set(from, (realms ?? new Set()).add(realm))
    // Two who have met are only told whom else they lead to.
    if (realms || this.#told.get(from)?.has(line)) return line.introduce({ peer: from.peer, realm })
    const [near, far] = from.ports.channel()
    line.introduce(transfer({ peer: from.peer, realm, port: near }, [near]))
    from.introduce(transfer({ peer: line.peer, realm: line.peer, port: far }, [far]))
  }

  /** A neighbour handed a port over. Throws `malformed` for what is no introduction. */
  introduced(by: Line, value: unknown): void {
    const { peer, realm, port } = readIntroduction(value)
    if (realm !== peer) this.#leads.set(realm, peer)
    if (port) {
      if (!by.ports) throw new ActorError('protocol', 'a port came over a link that carries none')
      const transport = by.ports.open(port)
      if (this.#lines.has(peer)) transport.close()
      else this.#accept(transport, peer)
    }
    for (const ref of this.#remotes()) if (ref.address.realm === realm) this.consider(ref)
  }

  /** False if it stays with the route that it has. */
  async #move(ref: RemoteRef, old: LinkRoute, line: Line): Promise<boolean> {
    const { realm, id } = ref.address
    try {
      const index = await line.request('route', [realm, id])
      if (typeof index !== 'number') return false
      line.took(index, ref)
      if (ref.route !== old) return false
      ref.route = new LinkRoute(line, index, old)
      // Behind all that was sent before; a way that broke brings nothing more.
      await old.control('ping').catch(() => {})
      await line.request('flow', [index])
      return true
    } catch {
      return false
    }
  }
}

function readIntroduction(value: unknown): Introduction {
  const { peer, realm, port } = (isObject(value) ? value : {}) as Record<string, unknown>
  if (typeof peer !== 'string' || typeof realm !== 'string' || (port !== undefined && !isObject(port))) {
    throw new ActorError('malformed', 'the peer sent an introduction that is none')
  }
  return { peer, realm, ...(port && { port }) }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
