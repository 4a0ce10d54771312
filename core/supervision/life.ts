// The room supervision: how an actor starts, rests, fails, is restarted, and ends.
import { ActorError } from '../ground/errors.js'
import { isAmount } from '../ground/milliseconds.js'
import type { Inbox } from '../mailbox/mailbox.js'
import { openMailbox } from '../mailbox/open-mailbox.js'
import type { Message } from '../message/message.js'
import type { Ref, Verb } from '../message/ref.js'
import type { StopOptions } from '../message/stop-options.js'
import { borrow } from '../proxy/proxy.js'
import type { Proxy } from '../proxy/proxy-types.js'
import { infoOf } from './actor-info.js'
import { Children } from './children.js'
import type { Detour } from './detour.js'
import { Ending } from './ending.js'
import { KeepAlive } from './keep-alive.js'
import type { Origin } from './origin.js'
import { Recovery } from './recovery.js'
import type { Outcome, SettledMessage } from './settled-message.js'
import type { AnySpawnOptions } from './spawn-options.js'
import { hasEnded, isEnding } from './state.js'
import { Streams } from './streams.js'
import type { Supervised } from './supervised.js'
import { restart } from './supervisor.js'
import { Timers } from './timers.js'
import { Work } from './work.js'

/** What rarely happens to an actor: its start, its rests, its periodic work; how it ends and what brings it back. */
export class Life {
  readonly actor: Supervised
  readonly options: AnySpawnOptions
  readonly parent: Supervised | undefined
  readonly spawner: object | undefined
  readonly kind: string | undefined
  /** Who holds it, where it ends with the last one. */
  readonly keepAlive: KeepAlive | undefined
  readonly ending: Ending
  readonly recovery: Recovery
  readonly children = new Children()
  readonly streams = new Streams()
  /** Calls of functions that its instance handed out. */
  readonly functionCalls = new Set<Message>()
  readonly timers: Timers
  incarnation = 1
  /** The instance has come up, so its `onStop` is due. */
  isUp: boolean
  /** What is under way; it sees to the end if the actor is asked to stop meanwhile. */
  phase: 'start' | 'restart' | 'move' | undefined
  /** The mailbox that it was given, once that has been opened. */
  mailbox: Inbox | undefined
  /** What the present instance sees of the world, made when first asked for. */
  context: object | undefined
  /** Somebody suspended it: no restart wakes it. */
  isAsleep = false
  /** Set while it moves, and once it has moved away. */
  detour: Detour | undefined = undefined

  constructor(actor: Supervised, { actor: Class, options = {}, kind, parent, spawner, isLent = false }: Origin) {
    this.actor = actor
    this.options = options
    this.parent = parent
    this.spawner = spawner
    this.kind = kind ?? Class?.name
    this.keepAlive = isLent && options.name === undefined ? new KeepAlive(actor) : undefined
    this.timers = new Timers(actor.home.env)
    this.ending = new Ending(this)
    this.recovery = new Recovery(this, Class)
    this.isUp = actor.state !== 'initial'
  }

  /** Opens the mailbox, runs `shouldStart` and `onStart`, within the time of a call. Rejects with `start-failed`, `timeout`, or `stopped`. */
  async start(waiting?: Message): Promise<void> {
    const { actor } = this
    this.phase = 'start'
    let hasThrown = false
    const up = this.#comeUp(waiting).catch((error: unknown) => {
      hasThrown = true
      throw error
    })
    try {
      // Hooks end with the actor by themselves.
      const isBound = this.options.mailbox || actor.home.timeout !== Infinity
      await (isBound ? this.ending.bound('onStart', up) : up)
    } catch (error) {
      throw this.#startFailed(error, hasThrown)
    }
    if (isEnding(actor.state)) {
      if (!this.isUp) void this.ending.finish()
      throw this.#stoppedEarly()
    }
  }

  async #comeUp(waiting?: Message): Promise<void> {
    const { actor } = this
    if (this.options.mailbox) await this.#openMailbox(this.options.mailbox)
    if ((await actor.perform('shouldStart', [], waiting)) === false) this.isAsleep = true
    if (actor.state !== 'initial') return undefined
    if (!this.isAsleep) return this.begin(undefined, waiting)
    this.phase = undefined
    actor.enter('suspended')
  }

  /** The instance comes up: after a failure, `restarted`, where it takes the place of another one. */
  async begin(restarted: unknown, waiting?: Message): Promise<void> {
    const { actor } = this
    actor.enter('starting')
    if (restarted !== undefined) await actor.perform('onRestart', [restarted])
    await actor.perform('onStart', [], waiting)
    if (hasEnded(actor.state)) throw new ActorError('stopped', `${actor.address.path} was killed while it started`)
    this.isUp = true
    this.children.dismiss()
    if (actor.state === 'starting') actor.enter(this.isAsleep ? 'suspended' : 'running')
    actor.tell(restarted === undefined ? 'started' : 'restarted', restarted)
    // The first message may fail before anybody hears that it is up.
    this.phase = undefined
    if (actor.state !== 'suspended') actor.unpause()
  }

  async control(verb: Verb, options: StopOptions = {}): Promise<unknown> {
    const { actor } = this
    if (verb === 'stop') return this.stop(options)
    if (verb === 'kill') return this.recovery.kill(options.reason)
    if (verb === 'info') return infoOf(actor)
    if (verb === 'ping' ? hasEnded(actor.state) : isEnding(actor.state)) throw this.#ended()
    if (verb === 'suspend') this.#suspend()
    if (verb === 'resume') await this.#resume(actor.home.current)
    return undefined
  }

  stop(options: StopOptions = {}, stopper = this.actor.home.current): Promise<void> {
    return this.ending.stop(options, stopper)
  }

  /** The actor asks for its own end: a permanent one begins anew instead. */
  leave(): void {
    if (this.recovery.policy.type !== 'permanent') return void this.stop()
    const { actor } = this
    const renew = (): void => void restart(this, new ActorError('stopped', `${actor.address.path} stopped itself`))
    actor.enqueue(new Work('stop', actor.instance, renew, () => {}))
  }

  /** Throws `stopped` where it gets no more children. */
  checkParent(): void {
    const { state, address } = this.actor
    if (state !== 'starting' && state !== 'running')
      throw new ActorError('stopped', `${address.path} is ${state} and cannot spawn children`)
  }

  /** Runs `work` as a message of the actor every `ms` milliseconds, skipping a turn that finds the last one waiting. */
  every(ms: number, work: () => unknown): () => void {
    if (!isAmount(ms) || ms === 0) throw new ActorError('malformed', 'every takes a number of milliseconds above 0')
    const { actor } = this
    if (isEnding(actor.state)) throw this.#ended()
    const { instance } = actor
    let waits = false
    const undo = this.timers.every(ms, () => {
      if (waits) return
      waits = true
      actor.enqueue(new Work('every', instance, work, () => (waits = false)))
    })
    return () => {
      undo()
      this.keepAlive?.check()
    }
  }

  settled(message: Message, value: unknown, failure: { readonly error: unknown } | undefined): void {
    const { method, access, args, sender, caller } = message
    const outcome: Outcome = failure ? { ok: false, error: failure.error } : { ok: true, value }
    const from = sender && (borrow(sender as Ref) as Proxy<unknown>)
    void this.actor.aside('onSettled', { method, access, args, sender: from, caller } satisfies SettledMessage, outcome)
  }

  /** What a start comes to that did not succeed: its own code threw `error`, its time is over, or the actor was stopped. */
  #startFailed(error: unknown, hasThrown = true): unknown {
    const { state, address } = this.actor
    if (hasEnded(state)) return this.#stoppedEarly()
    const text = `${address.path} threw while it started`
    const failed = hasThrown ? new ActorError('start-failed', text, { cause: error }) : error
    this.ending.terminate(failed)
    return failed
  }

  #stoppedEarly(): ActorError {
    const text = `${this.actor.address.path} was stopped while it started`
    return new ActorError('stopped', text, { ran: 'maybe', cause: this.ending.reason })
  }

  #suspend(): void {
    this.isAsleep = true
    if (this.actor.state !== 'running') return
    this.actor.pause()
    this.actor.enter('suspended')
  }

  async #resume(waiting: Message | undefined): Promise<void> {
    const { actor } = this
    this.isAsleep = false
    // A restart that is under way, or due, wakes it.
    if (actor.state !== 'suspended' || this.phase || !this.recovery.serves(actor.instance)) return
    if (this.isUp) {
      actor.enter('running')
      return actor.unpause()
    }
    this.phase = 'start'
    try {
      await this.begin(undefined, waiting)
    } catch (error) {
      throw this.#startFailed(error)
    }
  }

  async #openMailbox(given: NonNullable<AnySpawnOptions['mailbox']>): Promise<void> {
    const { actor } = this
    const mailbox = await openMailbox(given, actor.address, (error) => {
      actor.home.report(error, actor.address.path)
      this.ending.terminate(error)
    })
    this.mailbox = mailbox
    if (hasEnded(actor.state)) {
      this.closeMailbox()
      throw this.#ended()
    }
    actor.replaceMailbox(mailbox)
  }

  closeMailbox(): void {
    const { home, address } = this.actor
    this.mailbox?.close?.().catch((error: unknown) => home.report(error, `close of the mailbox of ${address.path}`))
  }

  #ended(): ActorError {
    return new ActorError('stopped', `${this.actor.address.path} is stopped`)
  }
}
