import { Actor } from '../../actor/actor.js'
import type { Context } from '../../actor/context.js'
import type { Proxy } from '../../proxy/proxy-types.js'
import { ask } from '../../proxy/verbs.js'
import { type Entry, ledger } from './ledger.js'
import type { Call, Step } from './script.js'

declare const setTimeout: (fn: () => void, ms: number) => unknown

/** Who sent a message, and which of its messages to this actor it is. */
export interface Turn {
  readonly from: string
  readonly count: number
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

/** An actor that does what the calls tell it to, and writes down what ran. */
export class Player extends Actor {
  #trial = ''
  #name = ''
  #players: readonly Proxy<Player>[] = []
  readonly #sent = new Map<number, number>()
  readonly #heard = new Map<string, number>()

  /** `name` is that of the actor in the trial, `players` are all who take part. Returns the id of the realm's ledger. */
  join(trial: string, name: string, players: readonly Proxy<Player>[]): number {
    this.#trial = trial
    this.#name = `${name}-${Math.random()}`
    this.#players = players
    return ledger.id
  }

  async play(call: Call, turn: Turn, callBack?: () => unknown): Promise<void> {
    const { context } = this
    this.#begin(call, turn)
    for (const step of call.steps) await this.#take(context, step, callBack)
  }

  async *stream(call: Call): AsyncGenerator<number, void, undefined> {
    const { context } = this
    this.#begin(call)
    for (const [n, step] of call.steps.entries()) {
      yield n
      await this.#take(context, step)
    }
  }

  /** What happened in this realm. */
  history(trial: string): readonly Entry[] {
    return ledger.read(trial)
  }

  #begin({ id }: Call, turn?: Turn): void {
    const trial = id.slice(0, id.lastIndexOf('/'))
    ledger.write(trial, { what: 'ran', id })
    // The body of a generator begins when it is first read, whatever was sent meanwhile.
    if (!turn) return
    if (turn.count <= (this.#heard.get(turn.from) ?? 0)) ledger.write(trial, { what: 'out of order', id })
    this.#heard.set(turn.from, turn.count)
  }

  async #take(context: Context<this>, step: Step, callBack?: () => unknown): Promise<void> {
    if (step.do === 'wait') return sleep(step.ms)
    if (step.do === 'throw') throw new Error('as told')
    if (step.do === 'call back') return void (await callBack?.())
    const player = this.#players[step.player]
    if (!player) return
    const { call } = step
    const count = (this.#sent.get(step.player) ?? 0) + 1
    this.#sent.set(step.player, count)
    const turn = { from: this.#name, count }
    if (step.do === 'tell') return context.tell(player).play(call, turn)
    const { timeout } = call
    const error = await ledger.call(this.#trial, call.id, () =>
      context.ask(player, timeout === undefined ? {} : { timeout }).play(call, turn),
    )
    if (error !== undefined && step.isPassed) throw error
  }
}

/** Calls a player from outside of actors. */
export const askPlayer = (
  player: Proxy<Player>,
  { timeout }: Call,
  signal?: AbortSignal,
): ReturnType<typeof ask<Player>> =>
  ask(player, { ...(timeout !== undefined && { timeout }), ...(signal && { signal }) })
