import { Dispatcher } from '../../dispatcher.js'
import { aborter } from '../../ground/abort.js'
import type { Peer } from '../../peers/peer.js'
import type { Proxy } from '../../proxy/proxy-types.js'
import { kill, resume, stop, suspend, tell } from '../../proxy/verbs.js'
import type { RealmOptions } from '../../realm/realm.js'
import type { Subject } from '../subject.js'
import { Dice, seeded } from './dice.js'
import { type Entry, isSettled, judge, ledger } from './ledger.js'
import { askPlayer, Player, type Turn } from './player.js'
import { Scripts } from './script.js'

declare const setTimeout: (fn: () => void, ms: number) => unknown
declare const clearTimeout: (timer: unknown) => void

const QUIET = (): void => {}
/** Milliseconds that a promise may take once nothing else happens; calls in trials take few. */
const TIMEOUT = 10_000

/** What the far side of a trial offers. */
interface Players {
  readonly Player: typeof Player
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

/** Whether the promise settles in time. */
async function isInTime(promise: Promise<unknown>): Promise<boolean> {
  let timer: unknown
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), TIMEOUT)))
  const settled = promise.then(
    () => true,
    () => true,
  )
  const inTime = await Promise.race([settled, late])
  clearTimeout(timer)
  return inTime
}

/**
 * Actors here and at the other end of a link call each other, throw, wait, stream and call back, while calls are aborted,
 * actors are stopped, killed and suspended, and the far realm may crash; all of it drawn with `seed`. Resolves with
 * what went wrong, in words; with nothing if each call was settled once and truly, in order, and nothing is left.
 */
export async function trial(
  open: () => Subject | Promise<Subject>,
  seed: number,
  limits: NonNullable<RealmOptions['limits']> = {},
): Promise<string[]> {
  const subject = await open()
  const near = new Dispatcher({ log: QUIET, limits })
  try {
    const peer = await near.connect<Players>(subject.connector)
    const faults = await new Trial(seed, near, peer, subject).run()
    await near.close({ mode: 'kill' })
    const { actors, peers, deadlines } = near.info()
    for (const [what, count] of Object.entries({ actors: actors.length, links: peers.length, deadlines })) {
      if (count > 0) faults.push(`${count} ${what} left after close`)
    }
    return faults.map((fault) => `seed ${seed}: ${fault}`)
  } finally {
    await near.close({ mode: 'kill' })
    await subject.dispose?.()
  }
}

class Trial {
  readonly #dice: Dice
  readonly #name: string
  readonly #scripts: Scripts
  readonly #near: Dispatcher
  readonly #peer: Peer<Players>
  readonly #subject: Subject
  #players: Proxy<Player>[] = []
  readonly #sent = new Map<number, number>()
  /** All that was begun, with what it is. */
  readonly #begun: (readonly [what: string, promise: Promise<unknown>])[] = []
  #hasCrashed = false
  /** Whether both sides are in one realm, and write to the same ledger. */
  #isShared = false

  constructor(seed: number, near: Dispatcher, peer: Peer<Players>, subject: Subject) {
    this.#dice = new Dice(seeded(seed))
    this.#name = `${near.id}-${seed}`
    this.#near = near
    this.#peer = peer
    this.#subject = subject
    this.#scripts = new Scripts(this.#dice, this.#name, 4)
  }

  async run(): Promise<string[]> {
    const dice = this.#dice
    this.#players = await Promise.all([
      this.#near.spawn(Player, dice.chance(0.3) ? { restart: 'transient' } : {}),
      this.#near.spawn(Many),
      this.#peer.spawn('Player'),
      this.#peer.spawn('Player'),
    ])
    const ids = await Promise.all(
      this.#players.map((player, n) => player.join(this.#name, `player ${n}`, this.#players)),
    )
    this.#isShared = ids.every((id) => id === ledger.id)
    for (let moments = 5 + dice.below(20); moments > 0; moments--) {
      this.#act()
      if (dice.chance(0.3)) await pause(dice.below(4))
    }
    if (dice.chance(0.2)) {
      this.#hasCrashed = true
      this.#begin('crash', Promise.resolve(this.#subject.crash()))
    }
    const faults = await this.#late()
    const { entries, isWhole } = await this.#history()
    ledger.forget(this.#name)
    return [...faults, ...judge(entries, isWhole)]
  }

  #begin(what: string, promise: Promise<unknown>): void {
    promise.catch(QUIET)
    this.#begun.push([what, promise])
  }

  #turn(player: number): Turn {
    const count = (this.#sent.get(player) ?? 0) + 1
    this.#sent.set(player, count)
    return { from: 'outside', count }
  }

  #act(): void {
    const dice = this.#dice
    const kind = dice.random()
    const number = this.#scripts.player()
    const player = this.#players[number]!
    if (kind < 0.5) this.#ask(number, player)
    else if (kind < 0.65) tell(player).play(this.#scripts.call(), this.#turn(number))
    else if (kind < 0.85) this.#stream(player)
    else this.#control(player)
  }

  #ask(number: number, player: Proxy<Player>): void {
    const dice = this.#dice
    const giveUp = aborter()
    const call = this.#scripts.call()
    const back = this.#scripts.player()
    const callBack = async (): Promise<void> => {
      const inner = this.#scripts.inner(0)
      const error = await ledger.call(this.#name, inner.id, () =>
        askPlayer(this.#players[back]!, inner).play(inner, this.#turn(back)),
      )
      if (error !== undefined) throw error
    }
    const turn = this.#turn(number)
    const asked = ledger.call(this.#name, call.id, () =>
      askPlayer(player, call, giveUp.signal).play(call, turn, dice.chance(0.5) ? callBack : undefined),
    )
    this.#begin(`the call ${call.id}`, asked)
    if (dice.chance(0.2)) void pause(dice.below(5)).then(() => giveUp.abort(new Error('given up')))
  }

  #stream(player: Proxy<Player>): void {
    const call = this.#scripts.call(1)
    const most = this.#dice.below(4)
    const giveUp = aborter()
    const isAborted = this.#dice.chance(0.2)
    const read = ledger.call(this.#name, call.id, async () => {
      let items = 0
      for await (const _ of await askPlayer(player, call, giveUp.signal).stream(call)) {
        if (++items > most) break
      }
    })
    this.#begin(`the stream ${call.id}`, read)
    if (isAborted) void pause(this.#dice.below(5)).then(() => giveUp.abort(new Error('given up')))
  }

  #control(player: Proxy<Player>): void {
    const kind = this.#dice.random()
    if (kind < 0.3) this.#begin('kill', kill(player))
    else if (kind < 0.6) this.#begin('stop', stop(player, { timeout: 200 }))
    else {
      this.#begin('suspend', suspend(player))
      this.#begin(
        'resume',
        pause(this.#dice.below(4)).then(() => resume(player)),
      )
    }
  }

  /** Which promises do not settle in time. */
  async #late(): Promise<string[]> {
    const late = await Promise.all(
      this.#begun.map(async ([what, promise]) => ((await isInTime(promise)) ? [] : [`${what} did not settle`])),
    )
    return late.flat()
  }

  /** What the realms know once all is settled, or nothing more is to be hoped for. */
  async #history(): Promise<{ entries: readonly Entry[]; isWhole: boolean }> {
    const end = Date.now() + TIMEOUT
    for (;;) {
      await isInTime(Promise.all(this.#players.map((player) => player.history('').catch(QUIET))))
      const history = await this.#read()
      if (!history.isWhole || isSettled(history.entries) || Date.now() > end) return history
      await pause(5)
    }
  }

  async #read(): Promise<{ entries: readonly Entry[]; isWhole: boolean }> {
    const own = ledger.read(this.#name)
    if (this.#isShared) return { entries: own, isWhole: true }
    try {
      const witness = await this.#peer.spawn('Player')
      const there = await witness.history(this.#name)
      return { entries: [...own, ...there], isWhole: !this.#hasCrashed }
    } catch {
      return { entries: own, isWhole: false }
    }
  }
}

/** A player that handles several calls at a time. */
class Many extends Player {
  static concurrency = 8
}
