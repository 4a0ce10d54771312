import { type Actors, ActorError, type Connector, Dispatcher, tell } from 'troupe'
import { webWorker } from 'troupe/web-worker'
import { webSocket } from 'troupe/websocket'
import { type BadWorker, badWorkers } from './bad-workers.js'
import { type Landing, takeOff } from './flight.js'
import type { Idler } from './idler.js'
import type { actors } from './idler.worker.js'

/** An error, as far as it survives the way to the test. */
export interface Refusal {
  readonly typed: boolean
  readonly code: string
  readonly ran: string
  readonly message: string
}

export interface Timed extends Landing {
  /** Milliseconds from the blow to the last call settled. */
  readonly ms: number
}

const newWorker = (): Worker => new Worker(new URL('./idler.worker.ts', import.meta.url), { type: 'module' })

/** What tests do in the page, on `window.lab`. */
class Lab {
  readonly #dispatcher = new Dispatcher()
  #landing: Promise<Landing> | undefined

  /** Puts calls in flight to the server; `landed` tells how they ended. `resume` is the limit of that name. */
  async callServer(url: string, count: number, resume = 60_000): Promise<void> {
    const dispatcher = new Dispatcher({ limits: { resume } })
    const peer = await dispatcher.connect<{ Idler: typeof Idler }>(webSocket(url))
    this.#landing = (await takeOff(peer, count)).landing
  }

  landed(): Promise<Landing> {
    return this.#landing!
  }

  /** Calls `terminate()` on a worker with calls in flight, behind the back of the link. */
  async terminateWorker(owned: boolean, count: number): Promise<Timed> {
    const worker = newWorker()
    const peer = await this.#dispatcher.connect<typeof actors>(webWorker(owned ? () => worker : worker))
    const { landing } = await takeOff(peer, count)
    return timed(landing, () => worker.terminate())
  }

  /** Terminates it as soon as it is connected. */
  async terminateEarly(): Promise<Timed> {
    const worker = newWorker()
    const peer = await this.#dispatcher.connect<typeof actors>(webWorker(worker))
    const idler = peer.spawn('Idler')
    const codes = idler.then(
      () => ({ resolved: 1 }),
      (error: ActorError) => ({ [error.code]: 1 }),
    )
    return timed(
      codes.then((codes) => ({ codes, at: Date.now() })),
      () => worker.terminate(),
    )
  }

  /** Has a worker with calls in flight close itself. */
  async closeWorker(count: number): Promise<Timed> {
    const peer = await this.#dispatcher.connect<typeof actors>(webWorker(newWorker))
    const closer = await peer.spawn('Idler')
    const { landing } = await takeOff(peer, count)
    return timed(landing, () => tell(closer).closeRealm())
  }

  /** Connects to a worker that cannot be loaded. */
  startBadWorker(kind: BadWorker): Promise<Refusal | 'connected'> {
    return this.#connect(webWorker(badWorkers[kind]))
  }

  connectServer(url: string): Promise<Refusal | 'connected'> {
    return this.#connect(webSocket(url))
  }

  /** Whether awaiting a proxy, here and elsewhere, gives that very proxy. */
  async proxiesAwait(): Promise<boolean[]> {
    const peer = await this.#dispatcher.connect<typeof actors>(webWorker(newWorker))
    const idler = await peer.spawn('Idler')
    /* oxlint-disable typescript/await-thenable -- that a proxy is no thenable is what is tried. */
    const seen = [
      (await idler) === idler,
      (await Promise.resolve(idler)) === idler,
      (await (async () => idler)()) === idler,
    ]
    /* oxlint-enable typescript/await-thenable */
    await peer.close()
    return seen
  }

  async #connect(connector: Connector): Promise<Refusal | 'connected'> {
    try {
      await this.#dispatcher.connect<Actors>(connector)
      return 'connected'
    } catch (error) {
      const { code, ran, message } = error as ActorError
      return { typed: error instanceof ActorError, code, ran, message }
    }
  }
}

async function timed(landing: Promise<Landing>, blow: () => void): Promise<Timed> {
  const start = Date.now()
  blow()
  const { codes, at } = await landing
  return { codes, at, ms: at - start }
}

declare global {
  interface Window {
    lab: Lab
  }
}
window.lab = new Lab()
