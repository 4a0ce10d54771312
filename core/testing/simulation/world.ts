import { checkCount } from '../../ground/check-count.js'
import { checkMilliseconds } from '../../ground/milliseconds.js'
import { Dispatcher } from '../../dispatcher.js'
import { ActorError, type ErrorCode } from '../../ground/errors.js'
import { platformEnv } from '../../ground/env.js'
import type { Bus } from '../../peers/bus.js'
import type { Listener } from '../../peers/listener.js'
import type { RealmOptions } from '../../realm/realm.js'
import type { Connector } from '../../transport/transport.js'
import { History } from './history.js'
import type { Oracle } from './oracle.js'
import { type Place, Scheduler, type Timers } from './scheduler.js'
import { SimulatedBus } from './simulated-bus.js'
import { type SimulatedEnv, simulatedEnv } from './simulated-env.js'
import { type ConnectorOptions, SimulatedNetwork } from './simulated-network.js'
import { type Trouble, type TroubleOptions, Troubles } from './trouble.js'

/** Things that happen in one run at most. */
const STEPS = 100_000
/** Milliseconds in which all is settled once nothing goes wrong any more. */
const PATIENCE = 600_000
/** Milliseconds between two looks whether all is settled, at most. */
const LOOK = 20_000
/** Milliseconds for which a dispatcher stands still. */
const SLEEPS = [50, 2_000, 20_000, 40_000, 3_600_000]
/** Why a link ends only where one of its ends breaks the protocol. */
const BROKEN = new Set<ErrorCode>(['protocol', 'malformed', 'too-large', 'too-deep', 'id-in-use'])

/** A dispatcher with what is simulated of its platform. */
interface Realm {
  readonly place: Place
  readonly env: SimulatedEnv
  readonly dispatcher: Dispatcher
}

/**
 * Dispatchers, the network between them, and their time, all of it simulated. The oracle chooses what happens next, and
 * what goes wrong. Time moves only when nothing else can happen.
 */
export class World {
  /** What was sent, what ran and what was settled. */
  readonly history = new History((what) => this.#note(what))
  /** Everything that happened, one line each. */
  readonly trace: string[] = []
  readonly #oracle: Oracle
  readonly #scheduler: Scheduler
  readonly #network: SimulatedNetwork
  readonly #bus: SimulatedBus
  readonly #realms = new Map<Dispatcher, Realm>()
  /** Of the scenario itself. */
  readonly #timers: Timers
  #steps = 0
  /** What has gone wrong so far. */
  readonly troubles = new Set<Trouble | 'crash'>()
  #trouble: Troubles | undefined

  constructor(oracle: Oracle) {
    this.#oracle = oracle
    this.#scheduler = new Scheduler(oracle)
    this.#timers = this.#scheduler.timers({ name: 'world', asleepUntil: 0 })
    this.#network = new SimulatedNetwork(this.#scheduler, oracle)
    this.#bus = new SimulatedBus(this.#scheduler, oracle)
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#scheduler.now
  }

  /** The dispatchers that were made and that did not crash. */
  get dispatchers(): readonly Dispatcher[] {
    return [...this.#realms.keys()]
  }

  /** Timers that are set, of all dispatchers. */
  get timers(): number {
    let timers = 0
    for (const { env } of this.#realms.values()) timers += env.timers.set.size
    return timers
  }

  /** Makes a dispatcher. What it would log is written to the trace unless `options.log` is given. */
  dispatcher(id: string, options: Omit<RealmOptions, 'id' | 'env'> = {}): Dispatcher {
    const place = { name: id, asleepUntil: 0 }
    const env = simulatedEnv(this.#scheduler, this.#oracle, place)
    const log: RealmOptions['log'] = ({ text }) => this.#note(`${id} logs: ${text}`)
    const dispatcher = new Dispatcher({ log, ...options, id, env })
    dispatcher.on('peer-down', (peer, reason) => {
      this.#note(`${id} lost ${peer}: ${reason.code}`)
      if (BROKEN.has(reason.code)) this.history.blame(`the link of ${id} and ${peer} ended: ${reason.message}`)
    })
    this.#realms.set(dispatcher, { place, env, dispatcher })
    return dispatcher
  }

  /** For `dispatcher.listen`: others connect to the address, which is the dispatcher's id unless given. */
  listener(dispatcher: Dispatcher, address = dispatcher.id): Listener {
    return this.#network.listener(this.#placeOf(dispatcher), address)
  }

  /**
   * For `dispatcher.connect`: connects to an address. The link is like one over a WebSocket, which goes on over another
   * connection when one breaks; if it is `trusted`, it is like one over a port, which begins anew only if it is `lasting`.
   */
  connector(dispatcher: Dispatcher, address: string, options?: ConnectorOptions): Connector {
    return this.#network.connector(this.#placeOf(dispatcher), address, options)
  }

  /** For `dispatcher.join`: the one bus of this world. */
  bus(dispatcher: Dispatcher): Bus {
    return this.#bus.bus(this.#placeOf(dispatcher))
  }

  /** From now on things go wrong, until `heal` or the end of the scenario. */
  trouble(options: TroubleOptions = {}): void {
    this.#trouble = new Troubles(this.#oracle, options, (trouble) => this.#cause(trouble))
  }

  /**
   * Ends the trouble. Resolves when all calls are settled and nothing more happens without time going by, or when ten
   * minutes have passed.
   */
  async heal(): Promise<void> {
    this.#trouble = undefined
    this.#network.heal()
    for (const { place } of this.#realms.values()) place.asleepUntil = 0
    const end = this.now + PATIENCE
    for (let wait = 0; !this.#isQuiet; wait = Math.min(LOOK, wait * 2 + 1)) {
      if (this.now >= end) break
      await this.sleep(wait)
    }
  }

  /**
   * Resolves after so many milliseconds of simulated time. Give the dispatcher where it is an actor that waits: the actor
   * stands still when its dispatcher does.
   */
  sleep(ms: number, dispatcher?: Dispatcher): Promise<void> {
    if (checkMilliseconds('ms', ms) === undefined)
      throw new ActorError('malformed', "'ms' must be a number of milliseconds")
    const timers = dispatcher ? this.#realms.get(dispatcher)?.env.timers : this.#timers
    return new Promise((resolve) => void timers?.add(resolve, ms))
  }

  /** A choice of the scenario's own: a whole number from 0 to n - 1. */
  choose(n: number, what: string): number {
    checkCount('n', n, 1)
    return this.#oracle.choose(n, what)
  }

  /** Ends a dispatcher as the death of its process would: it does nothing more. Its connections end. */
  crash(dispatcher: Dispatcher): void {
    const place = this.#placeOf(dispatcher)
    this.troubles.add('crash')
    this.#note(`${place.name} crashes`)
    place.asleepUntil = Infinity
    this.#scheduler.forget(this.#realms.get(dispatcher)!.env.timers)
    this.#realms.delete(dispatcher)
    this.history.crashed(dispatcher)
    this.#network.lost(place)
    this.#bus.lost(place)
  }

  /** Lets things happen until `isOver`. Resolves with what is wrong if that never is. `judge` is asked after each. */
  async run(isOver: () => boolean, judge: () => string | undefined, until = Infinity): Promise<string | undefined> {
    for (;;) {
      // A task of its own: what the last one caused at once has happened by then.
      await new Promise<void>((resolve) => platformEnv.defer(resolve))
      const fault = judge()
      if (fault !== undefined) return fault
      if (isOver()) return undefined
      if (++this.#steps > STEPS) return `more than ${STEPS} things happened`
      this.#trouble?.strike()
      const name = this.#scheduler.step(until)
      if (name === undefined)
        return 'nothing can happen any more; the scenario may wait for the platform, such as setTimeout or fetch'
      this.#note(name)
    }
  }

  get #isQuiet(): boolean {
    if (this.history.open.length > 0 || this.#scheduler.isBusy) return false
    return this.dispatchers.every((dispatcher) => {
      const { peers, deadlines } = dispatcher.info()
      return deadlines === 0 && peers.every(({ pending }) => pending === 0)
    })
  }

  #placeOf(dispatcher: Dispatcher): Place {
    const realm = this.#realms.get(dispatcher)
    if (!realm) throw new ActorError('malformed', 'use a dispatcher of this world, and one that has not crashed')
    return realm.place
  }

  #cause(trouble: Trouble): void {
    const isCaused = trouble === 'sleep' ? this.#rest() : this.#network.cause(trouble) || this.#bus.cause(trouble)
    if (!isCaused) return
    this.troubles.add(trouble)
    this.#note(`trouble: ${trouble}`)
  }

  #rest(): boolean {
    const places = [...this.#realms.values()].map(({ place }) => place)
    if (places.length === 0) return false
    const place = places[this.#oracle.choose(places.length, 'dispatcher')]!
    place.asleepUntil = this.now + SLEEPS[this.#oracle.choose(SLEEPS.length, 'milliseconds')]!
    return true
  }

  #note(what: string): void {
    this.trace.push(`${Math.round(this.now * 1_000) / 1_000} ms: ${what}`)
  }
}
