import { createEndpoint, type Remote } from 'comlink'
import { Actor, type ActorError, Dispatcher } from 'troupe'
import { type ComlinkRemote, fromComlink, type FromComlinkOptions } from 'troupe/comlink'
import { webWorker } from 'troupe/web-worker'
import type { Mill } from './mill.worker.js'
import { Money } from './money.js'
import type { actors as purses } from './money.worker.js'

/** Error codes and how many calls ended so. */
type Codes = Record<string, number>

const newWorker = (): Worker => new Worker(new URL('./mill.worker.ts', import.meta.url), { type: 'module' })

/** An actor that has its work done by a Comlink service. */
class Miller extends Actor {
  static readonly concurrency = Infinity
  readonly #mill: ComlinkRemote<Mill>
  #seen = 0

  constructor(mill: ComlinkRemote<Mill>) {
    super()
    this.#mill = mill
  }

  async work(): Promise<unknown> {
    const mill = this.#mill
    const stone = (await mill.stone()) as unknown as Remote<{ turn(): number }>
    return {
      flour: [await mill.grind(4), await mill.grind(6)],
      grinds: await mill.grinds,
      heard: await mill.each([1, 2], async (n) => (this.#seen += n)),
      seen: this.#seen,
      size: (await mill.flour(1_000)).byteLength,
      turns: [await stone.turn(), await stone.turn()],
      failed: await mill.breaks().then(String, ({ name, message }: Error) => `${name}: ${message}`),
    }
  }

  async hang(): Promise<void> {
    await this.#mill.hang()
  }

  async grind(grain: number): Promise<number> {
    return this.#mill.grind(grain)
  }
}

/** What tests do in the page, on `window.caller`. */
const caller = {
  async work(): Promise<unknown> {
    const worker = newWorker()
    const dispatcher = new Dispatcher()
    const miller = await dispatcher.spawn(Miller, { args: [fromComlink<Mill>(worker)] })
    const done = await miller.work()
    await dispatcher.close()
    worker.terminate()
    return done
  },

  /** Ends the service while an actor has calls in flight there. */
  async end(
    how: 'terminate' | 'close' | 'port' | 'dispose',
    count: number,
    options?: FromComlinkOptions,
  ): Promise<Codes> {
    const worker = newWorker()
    // It may take longer to come up than a short heartbeat allows.
    const first = fromComlink<Mill>(worker)
    await first.grind(1)
    const port = how === 'port' ? await first[createEndpoint]() : undefined
    const mill = fromComlink<Mill>(port ?? worker, options)
    const dispatcher = new Dispatcher()
    const miller = await dispatcher.spawn(Miller, { args: [mill] })
    await miller.grind(1)
    const calls = Array.from({ length: count }, () => miller.hang())
    await miller.grind(1)
    if (how === 'terminate' || how === 'port') worker.terminate()
    else if (how === 'close') void mill.close().catch(() => {})
    else mill[Symbol.dispose]()
    const codes: Codes = {}
    const tally = (error: ActorError): void =>
      void (codes[`${error.code} ${error.ran}`] = (codes[`${error.code} ${error.ran}`] ?? 0) + 1)
    for (const call of calls) await call.catch(tally)
    await mill.grind(1).catch(tally)
    await dispatcher.close({ mode: 'kill' })
    return codes
  },

  /** Sends values of a class to an actor in a worker, and gets one back. */
  async pay(): Promise<[string, number]> {
    const dispatcher = new Dispatcher()
    const peer = await dispatcher.connect<typeof purses>(
      webWorker(() => new Worker(new URL('./money.worker.ts', import.meta.url), { type: 'module' })),
    )
    const purse = await peer.spawn('Purse')
    await purse.put(new Money(5))
    await purse.put(new Money(7))
    const { all } = await purse.content()
    await dispatcher.close()
    return [all instanceof Money ? 'Money' : typeof all, all.cents]
  },

  /** Calls a worker that cannot be loaded. */
  async callNobody(): Promise<string> {
    const mill = fromComlink<Mill>(new Worker('/nothing-here.js', { type: 'module' }))
    return mill.grind(1).then(
      () => 'resolved',
      ({ code }: ActorError) => code,
    )
  },
}

declare global {
  interface Window {
    caller: typeof caller
  }
}
window.caller = caller
