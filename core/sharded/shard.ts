import type { Address } from '../ground/address.js'
import { ActorError, asActorError } from '../ground/errors.js'
import { sendAsk } from '../message/ask.js'
import type { Message } from '../message/message.js'
import { Ref } from '../message/ref.js'
import { answer, control } from '../message/request.js'
import { requireRef } from '../proxy/proxy.js'
import { closed, onClosing } from '../realm/closing.js'
import type { Realm } from '../realm/realm.js'
import { type Calls, callsOf, type Turn } from '../rerouting/calls.js'
import type { Target } from '../rerouting/target.js'
import { TIMEOUT } from './gate.js'
import { gateOf, type View } from './view.js'

/** Milliseconds between two attempts to reach it, at first and at most. */
const FIRST = 10
const LONGEST = 500

/** Failures after which the actor may run, or be, somewhere else. */
const DOUBTFUL = new Set(['stopped', 'stored-failed', 'unreachable', 'unknown', 'expired'])
/** Those of them that say nothing of the way to it. */
const OWN = new Set(['stopped', 'stored-failed'])
/** Failures to reach it that may pass. */
const PASSING = new Set(['stopped', 'unreachable', 'unknown', 'expired', 'timeout', 'overloaded', 'released'])

/** The actor in one of its runs. */
interface Run extends Target {
  readonly run: string
}

/** What the proxy of a key stands for: calls go to the actor wherever it runs. */
export class Shard extends Ref {
  readonly home: Realm
  readonly defaultTimeout = Infinity
  readonly address: Address
  readonly #of: string
  readonly #view: View
  /** Milliseconds that calls wait: others may take a realm for alive for two heartbeats after its end. */
  readonly #patience: number
  readonly #calls: Calls<Run>
  /** What calls failed with, until it is known where the actor is. */
  readonly #failures = new WeakMap<Turn<Run>, ActorError>()
  #isSought = false

  constructor(home: Realm, view: View, name: string, of: string) {
    super()
    const id = home.env.id()
    this.home = home
    this.address = { id, name: undefined, path: `/${name}:${of}`, kind: name, realm: home.id }
    this.#of = of
    this.#view = view
    const { heartbeat, early } = home.limits.trusted
    this.#patience = 2 * heartbeat + early
    this.#calls = callsOf(home, this.#patience, (failure, _, at, turn) => {
      if (!(failure instanceof ActorError && DOUBTFUL.has(failure.code)) || home.closed) return false
      const { target } = this.#calls
      this.#failures.set(turn, failure)
      if (at === target) this.#seek()
      else if (target) this.#calls.route(target, (other) => other !== turn)
      return true
    })
  }

  get key(): string {
    return `${this.home.id}/${this.address.id}`
  }

  override get isElsewhere(): boolean {
    return true
  }

  deliver(message: Message): void {
    if (this.home.closed) return message.fail(closed())
    this.#calls.put(message)
    if (!this.#calls.target) this.#seek()
  }

  /** The actor that runs now, or is started for that. */
  control(request: Message): void {
    answer(this.home, request, async () => {
      const { ref } = await this.#reach()
      return control(ref, request.method as never, request.args[0])
    })
  }

  /** It never ends: the next call starts it anew. */
  watch(listener: (reason: unknown) => void): () => void {
    return onClosing(this.home, listener)
  }

  /** Looks where the actor is. Calls wait meanwhile. */
  #seek(): void {
    if (this.#isSought) return
    this.#isSought = true
    this.#calls.hold()
    void this.#find()
  }

  async #find(): Promise<void> {
    const { env } = this.home
    const until = env.now() + this.#patience
    for (let wait = FIRST; ; wait = Math.min(2 * wait, LONGEST)) {
      try {
        const run = await this.#reach()
        this.#isSought = false
        return this.#route(run)
      } catch (cause) {
        const error = asActorError(cause, 'start-failed', `${this.address.path} did not start`)
        if (!PASSING.has(error.code) || env.now() > until || this.home.closed) {
          this.#isSought = false
          // The calls that waited have not run, whatever was tried for them.
          const { code } = error
          return this.#calls.fail(
            this.home.closed ? closed() : new ActorError(code, `${this.address.path} is not reached`, { cause: error }),
          )
        }
      }
      await new Promise<void>((resolve) => void env.setTimer(resolve, wait))
    }
  }

  /** What was not sent, or failed elsewhere, goes to the actor that was found; what that one failed itself has failed. */
  #route(to: Run): void {
    this.#calls.route(to, (turn) => {
      const { target, isAgain } = turn
      const failure = this.#failures.get(turn)
      const isOver = failure && target?.run === to.run && (isAgain || OWN.has(failure.code))
      if (isOver) this.#calls.fail(failure, [turn])
      return isOver ?? target !== undefined
    })
  }

  async #reach(): Promise<Run> {
    const gate = gateOf(this.#of, await this.#view.gates())
    if (!gate) throw new ActorError('unreachable', `no realm runs the actors of ${this.address.kind}`)
    const [actor, run] = (await sendAsk(gate, 'reach', [this.#of], { timeout: TIMEOUT })) as [object, string]
    return { ref: requireRef(actor), run, isOpen: true }
  }
}
