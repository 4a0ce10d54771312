import type { Cell } from '../actor/cell.js'
import { ActorError } from '../ground/errors.js'
import { joinGroup, leaveGroup } from '../directory/membership.js'
import { sendAsk } from '../message/ask.js'
import type { Ref } from '../message/ref.js'
import { control } from '../message/request.js'
import { borrow } from '../proxy/proxy.js'
import { closed } from '../realm/closing.js'
import type { Hosting } from '../realm/hosting.js'
import type { Realm } from '../realm/realm.js'
import type { ActorClass, AnySpawnOptions } from '../supervision/spawn-options.js'
import { Gate, TIMEOUT } from './gate.js'
import { checkKey } from './key.js'
import { gateOf, groupOf, type View } from './view.js'

/** Milliseconds for which other realms are asked to let go of an actor, and between two attempts. */
const RELEASE = 2_000
const AGAIN = 20

/** An actor that runs here, or starts. */
interface Activation {
  readonly run: string
  readonly actor: Promise<Ref>
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
}

/** A durable actor can find out whether another realm has started it. */
type Confirming = Partial<Pick<Cell, 'state'> & { confirm(): void }>

/** The actors of a class that this realm runs, since it owns their keys. */
export class Shards {
  readonly #realm: Realm
  readonly #hosting: Hosting
  readonly #class: ActorClass
  readonly #name: string
  readonly #options: AnySpawnOptions
  readonly #view: View
  readonly #running = new Map<string, Activation>()
  #gate: Ref | undefined
  #isOver = false

  constructor(realm: Realm, hosting: Hosting, actor: ActorClass, name: string, options: AnySpawnOptions, view: View) {
    this.#realm = realm
    this.#hosting = hosting
    this.#class = actor
    this.#name = name
    this.#options = options
    this.#view = view
    view.onChange(() => void this.#changed())
    realm.ends.add(() => this.#leave())
    view.joining = this.#join().finally(() => (view.joining = undefined))
  }

  /** The actor of a key, and the id of its run. Another realm is asked for it if that owns the key. */
  async reach(key: unknown, isPassedOn: boolean): Promise<[actor: object, run: string]> {
    const text = checkKey(key)
    for (;;) {
      const gates = await this.#view.gates()
      if (this.#isOver) throw closed()
      const owner = gateOf(text, gates)
      if (owner !== this.#gate || !owner) {
        if (owner && !isPassedOn)
          return sendAsk(owner, 'reach', [text, true], { timeout: TIMEOUT }) as Promise<[object, string]>
        throw new ActorError('unreachable', `this realm does not own the key '${text}'`)
      }
      const activation = this.#running.get(text) ?? this.#activate(text, [...gates.values()])
      const actor = await activation.actor
      const { state } = actor as Confirming
      if (state !== 'stopping' && state !== 'closed' && state !== 'terminated') return [borrow(actor), activation.run]
      await activation.ended
    }
  }

  /** Lets go of an actor whose key this realm does not own. Resolves to whether it does not run here. */
  async release(key: unknown): Promise<boolean> {
    const text = checkKey(key)
    const activation = this.#running.get(text)
    if (!activation) return true
    if (!this.#isOver && gateOf(text, await this.#view.gates()) === this.#gate) return false
    await stop(activation)
    return true
  }

  #activate(key: string, gates: readonly Ref[]): Activation {
    const { env } = this.#realm
    let hasEnded!: () => void
    const ended = new Promise<void>((resolve) => (hasEnded = resolve))
    const end = (): void => {
      this.#running.delete(key)
      hasEnded()
    }
    // Random: a process that is started again under the id of its dispatcher must not give it to another actor.
    const run = env.id()
    const options = { ...this.#options, id: run, storedAs: `${this.#name}:${encodeURIComponent(key)}`, args: [key] }
    const actor = (async () => {
      const others = gates.filter((gate) => gate !== this.#gate)
      await Promise.all(others.map((gate) => this.#released(gate, key)))
      return this.#hosting.spawn(this.#class, options)
    })()
    actor.then((ref) => ref.watch(end), end)
    const activation = { run, actor, ended }
    this.#running.set(key, activation)
    return activation
  }

  /** Resolves when another realm has let go of an actor, or after some time: the store knows who started it last. */
  async #released(gate: Ref, key: string): Promise<void> {
    const { env } = this.#realm
    const until = env.now() + RELEASE
    try {
      while (env.now() < until && !(await sendAsk(gate, 'release', [key], { timeout: until - env.now() })))
        await new Promise<void>((resolve) => void env.setTimer(resolve, AGAIN))
    } catch {
      // It is gone, or does not answer.
    }
  }

  /** A realm came or went: actors whose keys it owns now stop here; of the others it is found out whether they still are this realm's. */
  async #changed(): Promise<void> {
    const gates = await this.#view.gates()
    if (this.#isOver || !this.#gate || !gates.has(this.#realm.id)) return
    for (const [key, activation] of this.#running) {
      if (gateOf(key, gates) !== this.#gate) void stop(activation)
      else
        void activation.actor.then(
          (actor) => (actor as Confirming).confirm?.(),
          () => {},
        )
    }
  }

  async #join(): Promise<void> {
    const { names } = this.#realm
    try {
      this.#gate = await this.#hosting.spawn(Gate, { id: this.#realm.env.id(), args: [this] })
      if (!this.#isOver) joinGroup(names, groupOf(this.#name), this.#gate)
    } catch (error) {
      if (!this.#isOver) this.#realm.report(error, `the start of the gate of '${this.#name}'`)
    }
  }

  /** Other realms take over: this one stops its actors, which store their states. */
  async #leave(): Promise<void> {
    this.#isOver = true
    if (this.#gate) leaveGroup(this.#realm.names, groupOf(this.#name), this.#gate)
    await Promise.all([...this.#running.values()].map(stop))
  }
}

async function stop({ actor, ended }: Activation): Promise<void> {
  const ref = await actor.catch(() => undefined)
  if (!ref) return
  await control(ref, 'stop').catch(() => {})
  await ended
}
