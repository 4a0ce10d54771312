import { expect, test } from 'vitest'
import { Actor, ActorError, address, Dispatcher, ended, info, monitor, type Peer, type Proxy } from '../index.js'
import { single } from '../serving/listening.js'
import { virtualClock } from '../testing/index.js'
import { Dice, seeded } from '../testing/random/dice.js'
import { pair, type PairEnd } from '../transport/pair.js'
import { movable, move } from './index.js'

const SEEDS = 200
/** Milliseconds, longer than any part of a move, of a lookup or of a close may take. */
const LONG = 60_000
const PENDING = Promise.resolve('pending' as const)

class Basket extends Actor {
  static movable = movable('Basket')
  #items: number[] = []
  override snapshot(): number[] {
    return this.#items
  }
  override restore(items: number[]): void {
    this.#items = items
  }
  add(item: number): number {
    return this.#items.push(item)
  }
}
const actors = { Basket }

/** A proxy, and the realm whose code has it. */
interface Known {
  readonly realm: Dispatcher
  readonly proxy: Proxy<Basket>
}

/** Three realms that are linked with one another. One actor moves between them, while links are cut and made anew. */
class Program {
  readonly faults: string[] = []
  /** How often a move resolved. */
  moved = 0
  readonly #dice: Dice
  readonly #isTrusted: boolean
  readonly #clock
  readonly #realms: readonly Dispatcher[]
  readonly #links: { readonly ends: readonly [PairEnd, PairEnd]; readonly realms: readonly Dispatcher[] }[] = []
  readonly #known: Known[] = []
  /** What has to settle once all dispatchers are closed. */
  readonly #waits: { readonly what: string; readonly end: Promise<unknown> }[] = []

  constructor(seed: number) {
    this.#dice = new Dice(seeded(seed))
    this.#isTrusted = this.#dice.chance(0.7)
    this.#clock = virtualClock(seed)
    this.#realms = ['a', 'b', 'c'].map((id) => new Dispatcher({ id, env: this.#clock, log: () => {} }))
  }

  async run(): Promise<void> {
    const dice = this.#dice
    const [a, b, c] = this.#realms as [Dispatcher, Dispatcher, Dispatcher]
    await this.#link(a, b)
    await this.#link(b, c)
    await this.#link(c, a)
    const [realm, home] = [dice.one(this.#realms), dice.one(this.#realms)]
    const spawner = realm.peers.find(({ id }) => id === home.id) as Peer<typeof actors> | undefined
    const options = dice.chance(0.5) ? { name: 'basket' } : {}
    const proxy = await (spawner ? spawner.spawn('Basket', options) : home.spawn(Basket, options))
    this.#known.push({ realm, proxy })
    for (let acts = 8 + dice.below(12); acts > 0; acts--) await this.#act(dice.one(this.#known))
    for (const known of this.#known) this.#watch(known)
    await this.#during(Promise.all(this.#realms.map((each) => each.close())))
    for (const known of this.#known) this.#watch(known)
    await this.#clock.advance(LONG)
    for (const { what, end } of this.#waits)
      if ((await Promise.race([end, PENDING])) === 'pending') this.faults.push(`${what} does not settle`)
  }

  async #act(known: Known): Promise<unknown> {
    const dice = this.#dice
    const { realm, proxy } = known
    const act = dice.below(10)
    if (act < 4) return this.#move(known)
    if (act < 5) return this.#during(proxy.add(act))
    if (act < 6) return this.#watch(known)
    if (act < 7) return this.#cut()
    if (act < 8) return this.#link(realm, dice.one(this.#realms))
    const other = dice.one(this.#realms)
    const found = await this.#during(other.lookup<Basket>(dice.one(['basket', address(proxy).id])))
    if (found && found !== 'pending' && !(found instanceof ActorError)) this.#known.push({ realm: other, proxy: found })
    return undefined
  }

  /** Moves the actor, while a link may be cut. If the move resolves, the actor is where it says. */
  async #move({ realm, proxy }: Known): Promise<void> {
    const dice = this.#dice
    const goal = dice.one<{ readonly id: string }>([...realm.peers, realm])
    const moving = move(proxy, goal)
    moving.catch(() => {})
    if (dice.chance(0.3)) {
      for (let turns = dice.below(60); turns > 0; turns--) await undefined
      this.#cut()
    }
    const outcome = await this.#during(moving)
    if (outcome === 'pending') this.faults.push(`a move to ${goal.id} does not settle`)
    if (outcome !== undefined) return
    this.moved++
    const told = await this.#during(info(proxy))
    const fault = (where: string): unknown => this.faults.push(`it moved to ${goal.id}, and is ${where}`)
    if (told instanceof ActorError && told.code === 'unreachable') {
      // The way to it ended behind it. One without a name ends with the last that holds it.
      const there = this.#realms.filter((each) => each.info().actors.length > 0)
      if (there.some((each) => each.id !== goal.id)) fault('elsewhere')
      if (there.length === 0 && address(proxy).name !== undefined) fault('nowhere')
    } else if (told === 'pending' || told instanceof ActorError) fault(String(told))
    else if (told.realm !== goal.id) fault(`at ${told.realm}`)
  }

  #watch({ realm, proxy }: Known): void {
    const what = `of a proxy in ${realm.id}`
    this.#waits.push(
      { what: `ended() ${what}`, end: ended(proxy) },
      { what: `monitor ${what}`, end: monitor(proxy).down },
    )
  }

  async #link(from: Dispatcher, to: Dispatcher): Promise<void> {
    const realms = [from, to]
    if (from === to || this.#links.some((link) => realms.every((each) => link.realms.includes(each)))) return
    const ends = pair({ trusted: this.#isTrusted || this.#dice.chance(0.5) })
    await to.listen(single(ends[1]), { actors, authorize: () => ({ control: true }) })
    await this.#during(from.connect(ends[0], { actors }))
    this.#links.push({ ends, realms })
  }

  #cut(): void {
    const [link] = this.#links.splice(this.#dice.below(this.#links.length), 1)
    for (const end of link?.ends ?? []) end.fail(new ActorError('unreachable', 'cut'))
  }

  /** What comes of it, once time has gone by. */
  async #during<T>(work: Promise<T>): Promise<T | ActorError | 'pending'> {
    const outcome = work.catch((error: ActorError) => error)
    await this.#clock.advance(LONG)
    return Promise.race([outcome, PENDING])
  }
}

test('a move that resolves left the actor there, and whoever waits for its end hears of it', async () => {
  let moved = 0
  const faults: string[] = []
  for (let seed = 1; seed <= SEEDS; seed++) {
    const program = new Program(seed)
    await program.run()
    moved += program.moved
    faults.push(...program.faults.map((fault) => `seed ${seed}: ${fault}`))
  }
  expect(faults).toEqual([])
  expect(moved).toBeGreaterThan(SEEDS)
})
