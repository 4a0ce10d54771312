import { ActorError } from '../../ground/errors.js'
import * as Op from '../../link/session/ops.js'
import { OP } from '../../link/session/op.js'
import type { Listener } from '../../peers/listener.js'
import { resuming } from '../../peers/resuming.js'
import { returning } from '../../peers/returning.js'
import { listener } from '../../serving/listening.js'
import { sessions } from '../../serving/sessions.js'
import type { Connector, Token, Transport } from '../../transport/transport.js'
import { Connection, type Side } from '../network/connection.js'
import type { WireKind } from '../network/wire.js'
import type { Oracle } from './oracle.js'
import { Lane, type Place, type Scheduler } from './scheduler.js'
import type { Trouble } from './trouble.js'

/** The options of `world.connector`. */
export interface ConnectorOptions extends WireKind {
  readonly token?: Token
}

/** Milliseconds that something lasts which goes wrong for a while. */
const WHILES = [20, 300, 4_000, 20_000, 90_000]

/** Who listens at an address. */
interface Server {
  readonly place: Place
  readonly accept: (transport: Transport) => void
}

/** A connection with what carries it. */
interface Line {
  readonly connection: Connection
  readonly lanes: Readonly<Record<Side, Lane>>
}

/** Connections between dispatchers, which the oracle delays and breaks. */
export class SimulatedNetwork {
  readonly #scheduler: Scheduler
  readonly #oracle: Oracle
  readonly #servers = new Map<string, Server>()
  /** Addresses that take no connections until then. */
  readonly #refused = new Map<string, number>()
  #lines: Line[] = []
  #count = 0

  constructor(scheduler: Scheduler, oracle: Oracle) {
    this.#scheduler = scheduler
    this.#oracle = oracle
  }

  listener(place: Place, address: string): Listener {
    return listener(async (accept) => {
      const server = { place, accept }
      this.#servers.set(address, server)
      return {
        close: async () => {
          if (this.#servers.get(address) === server) this.#servers.delete(address)
        },
      }
    }, sessions)
  }

  connector(place: Place, address: string, { token, ...kind }: ConnectorOptions = {}): Connector {
    const { trusted = false, lasting = !trusted } = kind
    const again = { returns: returning, restart: { max: Infinity, within: 60_000, longest: 2_000 } }
    return {
      ...(token !== undefined && { token }),
      ...(lasting && again),
      ...(lasting && !trusted && { resumes: resuming }),
      open: () => this.#open(place, address, kind),
    } as Connector
  }

  /** Whether there is something that this could happen to. */
  cause(trouble: Trouble): boolean {
    const { now } = this.#scheduler
    if (trouble === 'refuse') {
      const addresses = [...this.#servers.keys()]
      if (addresses.length === 0) return false
      this.#refused.set(this.#one(addresses, 'address'), now + this.#while())
      return true
    }
    this.#lines = this.#lines.filter(({ connection }) => !connection.isOver)
    const lines = this.#lines.filter(({ connection }) => connection.deaf.size === 0)
    if (lines.length === 0) return false
    const { connection, lanes } = this.#one(lines, 'connection')
    const side = (): Side => this.#one(['client', 'server'], 'end')
    if (trouble === 'delay') lanes[side()].until = now + this.#while()
    else if (trouble === 'freeze') connection.freeze(this.#one([undefined, 'client', 'server'], 'end'))
    else if (trouble === 'half-close') connection.tear(side())
    else if (trouble === 'cut') {
      connection.tear('client')
      connection.tear('server')
    } else return false
    return true
  }

  /** All that lasts for a while ends now. */
  heal(): void {
    this.#refused.clear()
    for (const { lanes } of this.#lines) lanes.client.until = lanes.server.until = 0
  }

  /** A dispatcher is no more: the others are told. */
  lost(place: Place): void {
    for (const [address, server] of this.#servers) if (server.place === place) this.#servers.delete(address)
    for (const { connection, lanes } of this.#lines) {
      if (lanes.client.place === place) connection.tear('server')
      if (lanes.server.place === place) connection.tear('client')
    }
  }

  /** How long something lasts that goes wrong for a while. */
  #while(): number {
    return this.#one(WHILES, 'milliseconds')
  }

  #one<T>(of: readonly T[], what: string): T {
    return of[this.#oracle.choose(of.length, what)]!
  }

  async #open(place: Place, address: string, kind: WireKind): Promise<Transport> {
    const number = ++this.#count
    const way = new Lane('connect', place)
    await new Promise<void>((resolve) => this.#scheduler.push(way, `connects to ${address}, #${number}`, resolve))
    const server = this.#servers.get(address)
    if (!server || (this.#refused.get(address) ?? 0) > this.#scheduler.now)
      throw new ActorError('unreachable', `nothing takes connections at ${address}`)
    const lanes = { client: new Lane(`#${number}`, place), server: new Lane(`#${number}`, server.place) }
    const carry = (to: Side, arrive: () => void, data?: unknown): void =>
      this.#scheduler.push(lanes[to], `#${number} ${nameOf(data)}`, arrive)
    const connection = new Connection(carry, kind)
    this.#lines.push({ connection, lanes })
    server.accept(connection.server)
    return connection.client
  }
}

const NAMES = new Map(Object.entries(Op).map(([name, op]) => [op as number, name.toLowerCase()]))

/** What a payload is called in a trace: its first frame. */
function nameOf(data: unknown): string {
  if (data === undefined) return 'closed'
  if (typeof data === 'string') return `received ${data}`
  const first = (data as ArrayLike<unknown>)[0]
  const head = first instanceof Uint8Array ? first[0] : first
  return typeof head === 'number' ? (NAMES.get(head & OP) ?? 'payload') : 'payload'
}
