import type { Env } from '../../ground/env.js'
import { ActorError } from '../../ground/errors.js'
import { listener } from '../../serving/listening.js'
import { sessions } from '../../serving/sessions.js'
import type { Listener } from '../../peers/listener.js'
import { resuming } from '../../peers/resuming.js'
import { returning } from '../../peers/returning.js'
import type { Connector, Token, Transport } from '../../transport/transport.js'
import { Connection } from './connection.js'

/** The options of `network`. */
export interface NetworkOptions {
  /** The clock of the dispatchers: payloads take their time on it. */
  readonly env: Pick<Env, 'setTimer' | 'now'>
  /** Milliseconds that a payload takes. 1 unless given. */
  readonly latency?: number
}

/** A network between one server and its clients, for tests: connections that can be cut, and that can go silent. */
export class Network {
  /** All connections that were made, in order. */
  readonly connections: Connection[] = []
  /** `listen` takes it. */
  readonly listener: Listener
  /** Called with each payload that arrives. */
  onPayload: ((toServer: boolean) => void) | undefined
  readonly #options: NetworkOptions
  #accept: ((transport: Transport) => void) | undefined
  #isDown = false

  constructor(options: NetworkOptions) {
    this.#options = options
    this.listener = listener(async (accept) => {
      this.#accept = accept
      return {
        close: async () => {
          if (this.#accept === accept) this.#accept = undefined
        },
      }
    }, sessions)
  }

  /** `connect` takes it. It connects again when a connection breaks. */
  connector(given: { readonly token?: Token; readonly presence?: Connector['presence'] } = {}): Connector {
    return {
      ...given,
      returns: returning,
      resumes: resuming,
      restart: { max: Infinity, within: 60_000, longest: 2_000 },
      open: () => this.#open(),
    } as Connector
  }

  /** Ends all connections, and allows no new ones until `up` is called. */
  down(): void {
    this.#isDown = true
    this.cut()
  }

  up(): void {
    this.#isDown = false
  }

  /** Ends all connections. What is on its way is lost. */
  cut(): void {
    for (const connection of this.connections) connection.cut()
  }

  async #open(): Promise<Transport> {
    const { env, latency = 1 } = this.#options
    await new Promise<void>((resolve) => void env.setTimer(resolve, latency))
    if (this.#isDown || !this.#accept) throw new ActorError('unreachable', 'the network is down')
    const connection = new Connection((to, arrive, data) => {
      env.setTimer(() => {
        arrive()
        if (data !== undefined && !connection.deaf.has(to)) this.onPayload?.(to === 'server')
      }, latency)
    })
    this.connections.push(connection)
    this.#accept(connection.server)
    return connection.client
  }
}
