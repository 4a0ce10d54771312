import { createEndpoint, proxyMarker, releaseProxy, wrap } from 'comlink'
import { DISPOSE } from '../../core/ground/dispose.js'
import { platformEnv } from '../../core/ground/env.js'
import { ActorError } from '../../core/ground/errors.js'
import type { Expiring } from '../../core/ground/expiring.js'
import { TRUSTED } from '../../core/ground/limits.js'
import { Heartbeat } from '../../core/link/session/heartbeat.js'
import { SharedTimeout } from '../../core/ground/shared-timeout.js'
import { type Crossing, Crossings, type Ends, referenced } from './comlink-crossings.js'
import { type ComlinkEndpoint, Line } from './comlink-line.js'
import { isReply, type Listener, PING, type Reply, type Request, thrownHere, type WireValue } from './comlink-wire.js'

export interface ClientOptions {
  readonly ends: Ends
  readonly timeout: number
  readonly heartbeat: number | undefined
  /** Whether it was made for a value that came: then it keeps no process alive unless it waits. */
  readonly isPart?: boolean
  readonly ended?: () => void
}

/** A call that awaits its reply. */
class Call implements Expiring {
  list: Expiring['list'] = undefined
  earlier: Expiring['earlier'] = undefined
  later: Expiring['later'] = undefined

  constructor(
    readonly request: Request,
    readonly expire: () => void,
  ) {}
}

/**
 * Calls a Comlink service. Comlink's own `wrap` makes requests and reads replies; what it has no end for is settled here,
 * by a reply that never came over the wire.
 */
export class Client implements Crossing {
  readonly #options: ClientOptions
  readonly #line: Line
  readonly #crossings: Crossings
  readonly #calls = new Map<string, Call>()
  readonly #timeouts: SharedTimeout | undefined
  #heartbeat: Heartbeat | undefined
  #comlink: Listener<Reply> | undefined
  #released: Request | undefined
  #reason: ActorError | undefined

  constructor(endpoint: ComlinkEndpoint, options: ClientOptions) {
    this.#options = options
    this.#crossings = new Crossings(options.ends)
    if (options.timeout !== Infinity) this.#timeouts = new SharedTimeout(platformEnv, options.timeout)
    this.#line = new Line(endpoint, {
      heard: (data) => {
        this.#heartbeat?.heard(platformEnv.now())
        if (isReply(data)) this.#heard(data)
      },
      unreadable: () => this.#unsure(new ActorError('malformed', 'a reply could not be read in this realm')),
      ended: (reason) => this.end(reason),
    })
    if (options.isPart) this.#line.hold(false)
  }

  /** What the service looks like. Not kept here: when it is collected, Comlink tells the service. */
  remote(): object {
    const remote = wrap<() => void>({
      postMessage: (request: Request, transfer: object[] = []) => this.#send(request, [...transfer]),
      addEventListener: (_: string, listener: unknown) => (this.#comlink = listener as Listener<Reply>),
      removeEventListener: () => {},
    })
    return face(remote, () => this.close())
  }

  /** Tells the service, and ends. */
  close(): void {
    if (this.#reason) return
    this.#tryPost({ id: 'troupe-release', type: 'RELEASE' })
    this.end(new ActorError('released', 'the Comlink service was released here'))
  }

  /** Calls in flight settle as `unknown`, later ones as `unreachable`. */
  end(reason: ActorError): void {
    if (this.#reason) return
    this.#reason = reason
    this.#unsure(reason)
    this.#timeouts?.stop()
    this.#crossings.end(reason)
    this.#line.end()
    this.#options.ended?.()
  }

  #send(request: Request, transfer: object[]): void {
    const { id, type } = request
    if (type === 'RELEASE') return this.#release(request)
    const call = new Call(request, () => this.#expire(id))
    if (this.#reason) {
      const text = `the Comlink service is gone; ${named(request)} was not sent`
      return this.#settle(call, new ActorError('unreachable', text, { cause: this.#reason }))
    }
    try {
      const args = request.argumentList?.map((wire) => this.#crossings.outward(wire, transfer))
      this.#line.post(args ? { ...request, argumentList: args } : request, transfer)
    } catch (error) {
      const text = `the arguments of ${named(request)} cannot be sent`
      return this.#settle(call, new ActorError('uncloneable', text, { cause: error }))
    }
    this.#calls.set(id, call)
    this.#timeouts?.add(call)
    if (this.#calls.size === 1) this.#wait()
  }

  /** Comlink has collected what it had of this service; a call may still wait. */
  #release(request: Request): void {
    if (this.#calls.size > 0) this.#released = request
    else this.close()
  }

  #heard(reply: Reply): void {
    const call = this.#take(reply.id)
    if (!call) return discard(reply)
    const { id, ...wire } = reply
    try {
      this.#answer(id, this.#crossings.inward(wire))
    } catch (error) {
      this.#settle(call, error)
    }
    if (this.#released && this.#calls.size === 0) this.close()
  }

  #expire(id: string): void {
    const call = this.#take(id)
    if (!call) return
    const text = `${named(call.request)} of a Comlink service took longer than ${this.#options.timeout} ms`
    this.#settle(call, new ActorError('timeout', text, { ran: 'maybe' }))
  }

  /** Nobody will say what became of the calls in flight. */
  #unsure(reason: ActorError): void {
    for (const id of this.#calls.keys()) {
      const call = this.#take(id)!
      const text = `the Comlink service ended while ${named(call.request)} was in flight; it may have run`
      this.#settle(call, new ActorError('unknown', text, { cause: reason }))
    }
  }

  #take(id: string): Call | undefined {
    const call = this.#calls.get(id)
    if (!call) return undefined
    this.#calls.delete(id)
    call.list?.remove(call)
    if (this.#calls.size === 0) this.#rest()
    return call
  }

  #settle({ request: { id, type } }: Call, error: unknown): void {
    // Nobody can hold on to the promise of an assignment: it must not reject.
    if (type === 'SET') this.#answer(id, { type: 'RAW', value: true })
    else this.#answer(id, thrownHere(error))
  }

  #answer(id: string, wire: WireValue): void {
    this.#comlink?.({ data: { id, ...wire } })
  }

  #wait(): void {
    if (this.#options.isPart) this.#line.hold(true)
    const { heartbeat = this.#line.isSilent ? TRUSTED.heartbeat : Infinity } = this.#options
    if (heartbeat === Infinity) return
    this.#heartbeat = new Heartbeat(
      platformEnv,
      { after: heartbeat, grace: heartbeat },
      () => this.#tryPost(PING),
      () => {
        const text = `the Comlink service was silent for ${2 * heartbeat} ms; a longer heartbeat waits for a busy one`
        this.end(new ActorError('unreachable', text))
      },
    )
  }

  #rest(): void {
    this.#heartbeat?.stop()
    this.#heartbeat = undefined
    if (this.#options.isPart) this.#line.hold(false)
  }

  #tryPost(request: Request): void {
    try {
      this.#line.post(request, [])
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** Comlink's remote, of which nothing is left hanging when it is released. Symbols that are not Comlink's lead nowhere. */
function face(remote: object, close: () => void): object {
  return new Proxy(remote as () => unknown, {
    get(inner, name) {
      if (name === releaseProxy || name === DISPOSE) return close
      if (name === 'then' || name === createEndpoint || name === proxyMarker) return Reflect.get(inner, name) as unknown
      return typeof name === 'symbol' ? undefined : face(Reflect.get(inner, name) as object, close)
    },
    apply: (inner, _, args: unknown[]) => Reflect.apply(inner, undefined, args.map(referenced)) as unknown,
    construct: (inner, args) => Reflect.construct(inner, args.map(referenced)) as object,
  })
}

/** What nobody waits for any more may hold a port. */
function discard(reply: Reply): void {
  if (reply.type === 'HANDLER' && reply.name === 'proxy') (reply.value as { close?(): void } | null)?.close?.()
}

const named = ({ type, path = [] }: Request): string =>
  `${type === 'CONSTRUCT' ? 'new ' : ''}${path.join('.') || 'the function'}${type === 'APPLY' ? '()' : ''}`.slice(0, 80)
