import { Dispatcher } from '../../dispatcher.js'
import { platformEnv } from '../../ground/env.js'
import { listener } from '../../serving/listening.js'
import { pair, type PairOptions } from '../../transport/pair.js'
import type { Transport } from '../../transport/transport.js'
import { Dice, seeded } from '../random/dice.js'
import { virtualClock, type VirtualClock } from '../virtual-clock.js'
import { HostilePeer } from './hostile-peer.js'
import { Target } from './target.js'

/** Links that are open at the same time with one dispatcher, which then has to be clean. */
const AT_ONCE = 20
/** Payloads that a peer sends before it goes, if its link lives so long. */
const PAYLOADS = 40

const turn = (): Promise<void> => new Promise((resolve) => platformEnv.defer(resolve))

/** Hostile peers, one round after the other, each round with a dispatcher of its own. */
export class LinkFuzz {
  readonly tally = { frames: 0, links: 0, cut: 0, calls: 0 }
  readonly faults: string[] = []
  readonly #options: PairOptions

  /** The options are those of the links. */
  constructor(options: PairOptions) {
    this.#options = options
  }

  /** The round of that seed. */
  async round(seed: number): Promise<void> {
    Target.calls = { made: 0, settled: 0, begun: 0, ended: 0 }
    const env = virtualClock(seed)
    const far = new Dispatcher({ log: () => {}, env, id: 'far' })
    let accept!: (transport: Transport) => void
    const functions = { sum: (a: number, b: number) => a + b, fail: () => Promise.reject(new Error('as told')) }
    await far.listen(
      listener(async (take) => {
        accept = take
        return { close: async () => {} }
      }),
      { actors: { Target }, functions },
    )
    const dice = new Dice(seeded(seed))
    const faults: string[] = []
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const [near, end] = pair(this.#options)
        const peer = new HostilePeer(near, new Dice(seeded(dice.below(2 ** 31))))
        accept(end)
        await this.#attack(peer, dice.chance(0.25))
        faults.push(...peer.faults)
      }),
    )
    await turn()
    faults.push(...(await this.#check(far, env, accept)))
    this.faults.push(...faults.map((fault) => `seed ${seed}: ${fault}`))
  }

  /** An `early` one does not complete the handshake. */
  async #attack(peer: HostilePeer, early: boolean): Promise<void> {
    while (!peer.hasHello) await turn()
    if (!early) peer.begin()
    while (!early && !peer.hasActors && !peer.isOver) await turn()
    if (peer.hasActors) peer.wait()
    for (let sent = 0; sent < PAYLOADS && !peer.isOver; sent++) {
      peer.attack(early)
      if (sent % 3 === 2) await turn()
    }
    await turn()
    this.tally.links++
    this.tally.frames += peer.sent
    if (peer.isOver) this.tally.cut++
    peer.end()
  }

  /** What must hold once all of them are gone, and what an honest peer sees. */
  async #check(far: Dispatcher, env: VirtualClock, accept: (transport: Transport) => void): Promise<string[]> {
    const faults: string[] = []
    // Before any time has passed: no deadline helps.
    await env.advance(0)
    const { peers } = far.info()
    if (peers.length > 0) faults.push(`${peers.length} links are left`)
    const { made, settled, begun, ended } = Target.calls
    if (made !== settled) faults.push(`${made - settled} of ${made} calls to hostile peers did not settle`)
    if (begun !== ended) faults.push(`${begun - ended} of ${begun} handlers were not told that their caller is gone`)
    this.tally.calls += made
    // Far beyond every deadline.
    await env.advance(60_000)
    const { deadlines } = far.info()
    if (deadlines > 0) faults.push(`${deadlines} deadlines are left`)
    const near = new Dispatcher({ log: () => {}, env })
    const [end, other] = pair(this.#options)
    accept(other)
    const honest = (async () => {
      const target = await (await near.connect<{ Target: typeof Target }>(end)).spawn('Target')
      return JSON.stringify(await target.echo(1, 'two'))
    })().catch((error: unknown) => String(error))
    await env.advance(10)
    const said = await Promise.race([honest, env.advance(60_000).then(() => 'nothing')])
    if (said !== '[1,"two"]') faults.push(`an honest peer got ${said}`)
    const closed = Promise.all([near.close({ mode: 'kill' }), far.close({ mode: 'kill' })])
    await env.advance(60_000)
    await closed
    const { actors } = far.info()
    if (actors.length > 0) faults.push(`${actors.length} actors are left`)
    if (env.timers > 0) faults.push(`${env.timers} timers are left`)
    return faults
  }
}
