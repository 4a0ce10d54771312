import { ask, Dispatcher, type DispatcherInfo, type Peer, ping, type Proxy } from 'troupe'
import { broadcastChannel } from 'troupe/broadcast-channel'
import { sharedWorker } from 'troupe/shared-worker'
import type { Board } from './board.js'
import type { actors } from './board.worker.js'
import type { Cellar } from './cellar.js'
import { land, type Landing, outcome, takeOff } from './flight.js'
import { HEARTBEAT } from './heartbeat.js'
import { Idler } from './idler.js'
import type { Lookout } from './lookout.js'
import { Losses } from './losses.js'

/** What tests do in one of several tabs, on `window.tabs`. */
class Tabs {
  readonly #dispatcher = new Dispatcher({ limits: { trusted: { heartbeat: HEARTBEAT } } })
  readonly #losses = new Losses()
  readonly #workersLosses = new Losses()
  readonly #pageEvents: string[] = []
  #worker: Peer<typeof actors> | undefined
  #board: Proxy<Board> | undefined
  #lookout: Proxy<Lookout> | undefined
  #neighbour: Proxy<Idler> | undefined
  #landing: Promise<Landing> | undefined
  /** The realm that `connect` found. */
  #firstWorker = ''

  constructor() {
    this.#dispatcher.on('peer-down', (peer) => this.#losses.add(peer))
    for (const type of ['pagehide', 'pageshow'] as const)
      addEventListener(type, ({ persisted }) => void this.#pageEvents.push(`${type} ${persisted ? 'kept' : 'fresh'}`))
  }

  get id(): string {
    return this.#dispatcher.id
  }

  /** Links with the SharedWorker of all tabs, and finds its actors by name. */
  async connect(): Promise<void> {
    this.#worker = await this.#dispatcher.connect<typeof actors>(
      sharedWorker(() => new SharedWorker(new URL('./board.worker.ts', import.meta.url), { type: 'module' })),
    )
    this.#firstWorker = this.#worker.id
    this.#board = (await this.#dispatcher.lookup<Board>('board'))!
    this.#lookout = (await this.#dispatcher.lookup<Lookout>('lookout'))!
    await this.#lookout.watch(this.#workersLosses.add)
  }

  /** Links with all tabs that did so. */
  async join(): Promise<void> {
    await this.#dispatcher.join(broadcastChannel('app'))
  }

  /** The id of the SharedWorker's realm: another one has another. */
  get worker(): string {
    return this.#worker!.id
  }

  /** Adds to what all tabs share, over the proxy that `connect` found. */
  add(by: number): Promise<number> {
    return this.#board!.add(by)
  }

  /** The same once the worker that answered before is lost, and when that was done. */
  async addAgain(by: number): Promise<{ total: number; at: number }> {
    await this.#losses.when(this.#firstWorker)
    const total = await this.add(by)
    return { total, at: Date.now() }
  }

  lookIntoWorker(): Promise<DispatcherInfo> {
    return this.#lookout!.look()
  }

  get peers(): string[] {
    return this.#dispatcher.peers.map(({ id }) => id)
  }

  /** How the page came and went, and whether it was `kept` in between. */
  get pageEvents(): readonly string[] {
    return this.#pageEvents
  }

  /** Peers that this tab lost. */
  get losses(): string[] {
    return this.#losses.all
  }

  /** Peers that the worker lost since `connect`. */
  get workersLosses(): string[] {
    return this.#workersLosses.all
  }

  /** When this tab noticed that a peer is gone. */
  lost(peer: string): Promise<number> {
    return this.#losses.when(peer)
  }

  /** When the worker noticed it. */
  workerLost(peer: string): Promise<number> {
    return this.#workersLosses.when(peer)
  }

  /** Puts calls in flight to the worker, none of which will be answered; `landed` tells how they ended. */
  async callWorker(count: number): Promise<void> {
    this.#landing = (await takeOff(this.#worker!, count)).landing
  }

  landed(): Promise<Landing> {
    return this.#landing!
  }

  /** Has the worker call a function of this tab that never returns; `called` tells how that ended. */
  async beCalled(): Promise<void> {
    let isHere!: () => void
    const here = new Promise<void>((resolve) => (isHere = resolve))
    await this.#board!.callBack(() => {
      isHere()
      return new Promise(() => {})
    })
    await here
  }

  called(): Promise<string> {
    return this.#board!.called()
  }

  /** One such call with a deadline. Resolves with the time when it left, in milliseconds of the wall clock. */
  async callWorkerWithin(timeout: number): Promise<number> {
    const idler = await this.#worker!.spawn('Idler')
    const left = Date.now()
    this.#landing = land([outcome(ask(idler, { timeout }).idle())])
    await ping(idler)
    return left
  }

  /** Names an actor of this tab. */
  async name(name: string): Promise<void> {
    await this.#dispatcher.spawn(Idler, { name })
  }

  /** Whether there is an actor of that name anywhere. */
  async finds(name: string): Promise<boolean> {
    return (await this.#dispatcher.lookup(name)) !== undefined
  }

  /** Finds another tab's actor by its name, and has it answer. */
  async greet(name: string): Promise<string> {
    this.#neighbour = (await this.#dispatcher.lookup<Idler>(name))!
    return this.#neighbour.echo(`hello ${name}`)
  }

  /** Has it answer once more. */
  echo(text: string): Promise<string> {
    return this.#neighbour!.echo(text)
  }

  /** Puts calls in flight to it, none of which will be answered. */
  async callNeighbour(count: number): Promise<void> {
    const neighbour = this.#neighbour!
    this.#landing = land(Array.from({ length: count }, () => outcome(neighbour.idle())))
    await ping(neighbour)
  }

  /** Links the SharedWorker with a server. */
  dial(url: string): Promise<void> {
    return this.#lookout!.dial(url)
  }

  /** Finds an actor that lives in a thread of that server, and asks it in which one. */
  async askCellar(): Promise<{ thread: number; ms: number }> {
    const start = Date.now()
    const cellar = (await this.#dispatcher.lookup<Cellar>('cellar'))!
    const thread = await cellar.thread()
    return { thread, ms: Date.now() - start }
  }
}

declare global {
  interface Window {
    tabs: Tabs
  }
}
window.tabs = new Tabs()
