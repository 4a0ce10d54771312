import type { Ports } from '../transport/transport.js'
import { transfer } from '../wire/transfer.js'
import { type Carrier, linkRouteOf } from './link-route.js'
import type { Ref } from '../message/ref.js'
import type { RemoteRef } from './remote-ref.js'

/** A trusted link, as introductions see it. */
export interface Line extends Carrier {
  readonly ports: Ports | undefined
  /** Resolves when the link has ended. */
  readonly closed: Promise<unknown>
  /** Whether the realm there can be introduced to others. */
  readonly isIntroducible: boolean
  /** Hands a port over. */
  introduce(introduction: object): void
}

/** Changes the routes of references to shorter ones. */
export interface ShorterRoutes {
  /** A trusted link opened. */
  considerAll(): void
  /** A reference may go by a shorter route than it does. */
  consider(ref: RemoteRef): void
  /** A neighbour handed a port over. Throws `malformed` for what is no introduction. */
  introduced(by: Line, introduction: unknown): void
  /** Answers a trusted peer that changes its route. */
  answer(line: Line, verb: string, args: readonly unknown[]): unknown
}

/** What the realm between says to each of two: who is at the other end of the port, and whom it leads to. */
export interface Introduction {
  readonly peer: string
  readonly realm: string
  /** Absent where the two have met before. */
  readonly port?: object | undefined
}

/**
 * The trusted links of a realm by who is at their ends.
 *
 * A realm that passes a reference on from one neighbour to another hands both ends of a new port over, so
 * that they talk without it.
 */
export class Routes {
  readonly lines = new Map<string, Line>()
  /** Takes introductions, once something brought that. */
  shortcuts: ShorterRoutes | undefined = undefined
  /** Of whom each neighbour was told, and which realms are behind them. */
  readonly #told = new WeakMap<Line, WeakMap<Line, Set<string>>>()

  /** A trusted link opened. */
  join(line: Line): void {
    if (this.lines.get(line.peer)?.open) return
    this.lines.set(line.peer, line)
    this.shortcuts?.considerAll()
  }

  leave(line: Line): void {
    if (this.lines.get(line.peer) === line) this.lines.delete(line.peer)
  }

  /** A reference from one neighbour was handed to another: they could do without us. */
  passed(ref: Ref, to: Carrier): void {
    const from = linkRouteOf(ref)?.carrier as Line | undefined
    const line = to as Line
    if (!from?.isIntroducible || !line.isIntroducible) return
    const { realm } = ref.address
    const told = this.#told.get(line) ?? new WeakMap<Line, Set<string>>()
    this.#told.set(line, told)
    const realms = told.get(from)
    if (realms?.has(realm)) return
    told.set(from, (realms ?? new Set()).add(realm))
    // Two who have met are only told whom else they lead to.
    if (realms || this.#told.get(from)?.has(line)) return line.introduce({ peer: from.peer, realm })
    const [near, far] = from.ports!.channel()
    line.introduce(transfer({ peer: from.peer, realm, port: near }, [near]))
    from.introduce(transfer({ peer: line.peer, realm: line.peer, port: far }, [far]))
  }
}
