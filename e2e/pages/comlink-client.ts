import { proxy, type Remote, wrap } from 'comlink'
import type { Tally } from './tally.js'

/** An error, as far as it survives the way to the test. */
interface Told {
  readonly name: string
  readonly message: string
  readonly code: unknown
  readonly ran: unknown
}

const tell = ({ name, message, code, ran }: Error & { code?: unknown; ran?: unknown }): Told => ({
  name,
  message,
  code,
  ran,
})

const failure = (promise: Promise<unknown>): Promise<Told | string> => promise.then(() => 'resolved', tell)

/** What tests do in the page, on `window.client`. Nothing here is of the kit: this is what users of Comlink write. */
class Client {
  readonly #worker = new Worker(new URL('./tally-exposed.worker.ts', import.meta.url), { type: 'module' })

  async call(where: 'near' | 'far'): Promise<unknown> {
    const tally = this.#tally(where)
    const multiplier = (await tally.multiplier(3)) as unknown as (n: number) => Promise<number>
    return {
      sum: [await tally.add(2), await tally.add(3)],
      heard: await tally.report(proxy(async (n: number) => n * 2) as never, 3),
      multiplied: await multiplier(4),
      failed: await failure(tally.fails()),
      refused: await failure(
        (tally as unknown as Record<string, (code: string) => Promise<unknown>>)['constructor']!('1'),
      ),
    }
  }

  /** Ends the realm of the far actor with calls in flight. */
  async endFar(count: number): Promise<(Told | string)[]> {
    const tally = this.#tally('far')
    await tally.add(1)
    const calls = Array.from({ length: count }, () => failure(tally.hang()))
    tally.closeRealm().catch(() => {})
    return Promise.all(calls)
  }

  #tally(where: 'near' | 'far'): Remote<Tally> {
    if (where === 'near') return wrap<Tally>(this.#worker)
    const { port1, port2 } = new MessageChannel()
    this.#worker.postMessage('far', [port2])
    return wrap<Tally>(port1)
  }
}

declare global {
  interface Window {
    client: Client
  }
}
window.client = new Client()
