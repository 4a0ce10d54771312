import { Dispatcher, info, type Proxy } from 'troupe'
import { move } from 'troupe/move'
import { webWorker } from 'troupe/web-worker'
import { webSocket } from 'troupe/websocket'
import { type Entry, Nomad, Sender } from './nomad.js'
import type { actors } from './nomad.worker.js'

/** What became of an actor that was moved under load. */
export interface Moved {
  /** Calls that were handled. */
  readonly calls: number
  /** What went wrong. */
  readonly faults: string[]
  /** Milliseconds of each move, in order of their length. */
  readonly took: number[]
}

const moves = {
  /** Moves an actor so often between this page, its worker and the server, while each of them calls it. */
  async run(count: number): Promise<Moved> {
    const offered = { Nomad, Sender }
    const dispatcher = new Dispatcher()
    const make = (): Worker => new Worker(new URL('./nomad.worker.ts', import.meta.url), { type: 'module' })
    const worker = await dispatcher.connect<typeof actors>(webWorker(make), { actors: offered })
    const url = new URL('actors', location.href.replace('http', 'ws')).href
    const server = await dispatcher.connect<typeof actors>(webSocket(url), { actors: offered })
    const nomad = await dispatcher.spawn(Nomad, { name: 'nomad' })
    const senders: Record<string, Proxy<Sender>> = {
      page: await dispatcher.spawn(Sender),
      worker: await worker.spawn('Sender'),
      server: await server.spawn('Sender'),
    }
    for (const [name, sender] of Object.entries(senders)) await sender.begin(nomad, name, 8)
    const faults: string[] = []
    const took: number[] = []
    const entries: Entry[] = []
    const dialler = await worker.spawn('Dialler')
    const goals = [worker, server, dispatcher, server, worker, dispatcher]
    for (let n = 0; n < count; n++) {
      // From half of the moves on, it goes from worker to server without this page between.
      if (n === count >> 1) await dialler.dial(url)
      const goal = goals[n % goals.length]!
      const start = performance.now()
      await move(nomad, goal)
      took.push(performance.now() - start)
      const { realm } = await info(nomad)
      if (realm !== goal.id) faults.push(`move ${n} led to ${realm}`)
      entries.push(...(await nomad.take()))
    }
    const due: Record<string, number> = {}
    for (const [name, sender] of Object.entries(senders)) {
      const { calls, failures } = await sender.end()
      due[name] = calls
      faults.push(...failures)
    }
    entries.push(...(await nomad.take()))
    const next: Record<string, number> = { page: 0, worker: 0, server: 0 }
    for (const [sender, n] of entries) {
      if (n !== next[sender]) faults.push(`call ${n} of ${sender} ran where ${next[sender]} was due`)
      next[sender] = n + 1
    }
    for (const [sender, calls] of Object.entries(due))
      if (next[sender] !== calls) faults.push(`${next[sender]} of ${calls} calls of ${sender} ran`)
    await dispatcher.close()
    return { calls: entries.length, faults: faults.slice(0, 20), took: took.sort((one, other) => one - other) }
  },
}

declare global {
  interface Window {
    moves: typeof moves
  }
}
window.moves = moves
