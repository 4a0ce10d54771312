import { expose } from 'comlink'
import { ActorError, asActorError } from '../../core/ground/errors.js'
import { type Crossing, Crossings, type Ends, referenced } from './comlink-crossings.js'
import { type ComlinkEndpoint, Line } from './comlink-line.js'
import type { Access, Target } from './comlink-target.js'
import {
  argumentsOf,
  isRequest,
  type Listener,
  pathOf,
  PING,
  type Reply,
  type Request,
  thrown,
  thrownBare,
} from './comlink-wire.js'

export interface ServiceOptions {
  readonly ends: Ends
  /** Further origins of windows that are heard. */
  readonly origins?: readonly string[] | undefined
  /** Whether it was made for a value on its way: then it keeps no process alive. */
  readonly isPart?: boolean
  readonly ended?: () => void
}

/**
 * Serves a target to a Comlink client.
 *
 * Comlink's own `expose` turns arguments and results into what its handlers make of them, and sees nothing else: it walks
 * any path on whatever object it has, and loses what an error carries. So what it exposes is one function of ours.
 */
export class Service implements Crossing {
  readonly #target: Target
  readonly #options: ServiceOptions
  readonly #line: Line
  readonly #crossings: Crossings
  /** Calls that await their reply. */
  readonly #calls = new Set<string>()
  #comlink: Listener<Request> | undefined
  #over = false

  constructor(target: Target, endpoint: ComlinkEndpoint, options: ServiceOptions) {
    this.#target = target
    this.#options = options
    this.#crossings = new Crossings(options.ends)
    expose(
      (id: string, access: Access, path: readonly string[], ...args: unknown[]) => this.#run(id, access, path, args),
      {
        postMessage: (reply: Reply, transfer: object[]) => this.#reply(reply, [...transfer]),
        addEventListener: (_: string, listener: unknown) => (this.#comlink = listener as Listener<Request>),
        removeEventListener: () => {},
      },
    )
    this.#line = new Line(endpoint, {
      heard: (data, origin) => {
        if (isRequest(data) && this.#hears(origin)) this.#take(data)
      },
      ended: (reason) => this.end(reason),
    })
    if (options.isPart) this.#line.hold(false)
  }

  /** Calls at hand are answered with the reason, later ones not at all. */
  end(reason: ActorError): void {
    if (this.#over) return
    for (const id of this.#calls) this.#fail(id, reason.asRunning())
    this.#over = true
    this.#crossings.end(reason)
    this.#line.end()
    this.#options.ended?.()
  }

  #hears(origin: string): boolean {
    const { origin: own } = globalThis as { origin?: string }
    return origin === '' || (origin === own && own !== 'null') || this.#options.origins?.includes(origin) === true
  }

  #take(request: Request): void {
    const { id, type } = request
    this.#calls.add(id)
    try {
      const path = pathOf(request)
      if (type === 'RELEASE') {
        this.#reply({ id, type: 'RAW', value: undefined }, [])
        this.end(new ActorError('released', 'the client released it'))
      } else if (type === 'ENDPOINT') {
        const transfer: object[] = []
        this.#reply({ id, type: 'RAW', value: this.#crossings.port(this.#target, transfer) }, transfer)
      } else if (type === 'GET' && path[0] === PING.path[0]) {
        // Whether anybody is here, however busy the actor may be.
        this.#reply({ id, type: 'RAW', value: undefined }, [])
      } else if (type === 'CONSTRUCT') {
        throw new ActorError('not-exposed', 'an actor cannot be constructed through Comlink; spawn it')
      } else {
        const raw = [id, type, path].map((value) => ({ type: 'RAW', value }) as const)
        const args = argumentsOf(request).map((wire) => this.#crossings.inward(wire))
        this.#comlink?.({ data: { id, type: 'APPLY', path: [], argumentList: [...raw, ...args] } })
      }
    } catch (error) {
      this.#fail(id, asActorError(error, 'malformed', 'a value could not be read by its transfer handler'))
    }
  }

  /** Never rejects. */
  async #run(id: string, access: Access, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    try {
      return referenced(await this.#target(access, path, args))
    } catch (error) {
      this.#fail(id, error)
      return undefined
    }
  }

  /** The first reply to a call is the one. */
  #reply({ id, ...wire }: Reply, transfer: object[]): void {
    if (this.#over || !this.#calls.delete(id)) return
    try {
      this.#line.post({ id, ...this.#crossings.outward(wire, transfer) }, transfer)
    } catch (error) {
      const text = `the outcome cannot be sent: ${String(error)}`
      this.#post(id, thrownBare(new ActorError('uncloneable', text, { ran: 'maybe' })))
    }
  }

  #fail(id: string, error: unknown): void {
    if (this.#over || !this.#calls.delete(id)) return
    try {
      this.#post(id, thrown(error, this.#options.origins === undefined))
    } catch {
      this.#post(id, thrownBare(error))
    }
  }

  #post(id: string, wire: object): void {
    this.#line.post({ id, ...wire }, [])
  }
}
