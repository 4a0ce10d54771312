import { queueMicrotask } from '../ground/env.js'
import { Deferred } from '../ground/deferred.js'
import { ActorError } from '../ground/errors.js'
import type { Message } from '../message/message.js'
import { answer, requestOf } from '../message/request.js'
import type { StopOptions } from '../message/stop-options.js'
import type { Life } from './life.js'
import { hasEnded } from './state.js'
import type { Supervised } from './supervised.js'

/** Milliseconds that an actor which ends or is restarted has for its streams, and one that is restarted for its `onStop`. */
export const GRACE = 5_000
/** Milliseconds in which an actor that is to stop must be done with some message, unless its stop sets a limit. */
const TIMEOUT = 30_000

/** How an actor ends: in order when it is stopped, or at once. */
export class Ending {
  /** Why it ended. */
  reason: unknown
  /** Whether messages that wait are handled before the end. */
  drains = false
  readonly #life: Life
  #watchers: Set<(reason: unknown) => void> | undefined
  #stopped: Deferred<void> | undefined
  /** The message whose handler waits for the end. */
  #stopper: Message | undefined
  #finishing = false
  /** What it is when it is through. */
  #last: 'closed' | 'terminated' = 'closed'

  constructor(life: Life) {
    this.#life = life
  }

  get #actor(): Supervised {
    return this.#life.actor
  }

  /** Whether what is under way may still be freed by a message that comes. */
  get takesMore(): boolean {
    return this.drains && !this.#finishing
  }

  /** Stops the children first, then runs `onStop`. A second stop gives the same promise. */
  stop({ mode = 'drain', reason = 'stopped', timeout }: StopOptions, stopper: Message | undefined): Promise<void> {
    const actor = this.#actor
    const { timers, phase } = this.#life
    if (hasEnded(actor.state)) return Promise.resolve()
    this.#stopped ??= new Deferred()
    if (actor.state !== 'stopping') {
      this.reason = reason
      this.#stopper = stopper
      this.drains = mode === 'drain' && actor.state !== 'suspended'
      actor.enter('stopping')
      if (!this.drains) this.refuseAll()
      timers.clear()
      if (timeout === undefined) this.#expectProgress(actor.handled + actor.waiting)
      // A start or a restart that is under way sees to it when it is through.
      if (!phase) actor.unpause()
    }
    if (mode === 'kill') this.terminate(reason)
    else if (timeout !== undefined && timeout < Infinity && actor.state === 'stopping')
      timers.after(timeout, () => this.terminate(reason))
    // A handler that it waits for cannot wait for it: the end comes behind that handler.
    return this.#waitsFor(stopper) ? Promise.resolve() : this.#stopped.promise
  }

  /** It failed for good: what it is doing has a moment, and so has `onStop`. */
  fail(reason: unknown): void {
    this.#last = 'terminated'
    void this.stop({ mode: 'now', reason, timeout: GRACE }, undefined)
  }

  /** Ends at once; what it was doing settles as `stopped`. */
  terminate(reason: unknown): void {
    if (hasEnded(this.#actor.state)) return
    void this.#life.children.stop({ mode: 'kill', reason })
    this.#end('terminated', reason)
  }

  /** Nothing waits in the mailbox any more, and nothing runs: its children stop, its streams end, `onStop` runs. */
  async finish(): Promise<void> {
    if (this.#finishing) return
    this.#finishing = true
    const actor = this.#actor
    const { children, timers } = this.#life
    const { reason } = this
    actor.pause()
    this.refuseAll()
    await children.stop({ reason }, this.#stopper)
    const streams = this.closeStreams('stopped', reason)
    if (streams) await timers.within(GRACE, streams)
    if (this.#life.isUp && !hasEnded(actor.state)) await this.runOnStop(reason)
    this.#end(this.#last, reason)
  }

  /** Nothing that waits is handled any more. */
  refuseAll(): void {
    this.#actor.refuseAll('stopped')
    this.#life.recovery.refuseRetries()
  }

  /** Its generators end with its instance; undefined if none is open. */
  closeStreams(why: string, cause: unknown): Promise<void> | undefined {
    const { streams } = this.#life
    if (streams.size === 0) return undefined
    const text = `${this.#actor.address.path} ${why}, and its streams ended`
    return streams.close(new ActorError('stopped', text, { cause }))
  }

  async runOnStop(reason: unknown): Promise<void> {
    const actor = this.#actor
    try {
      await actor.perform('onStop', [reason], this.#stopper)
    } catch (error) {
      if (hasEnded(actor.state)) return
      actor.home.report(error, `onStop of ${actor.address.path}`)
      void actor.aside('onSettled', { method: 'onStop', args: [reason] }, { ok: false, error })
    }
  }

  /** Calls `listener` with the reason when the actor has ended for good. Returns its undo. */
  watch(listener: (reason: unknown) => void): () => void {
    if (hasEnded(this.#actor.state)) {
      queueMicrotask(() => listener(this.reason))
      return () => {}
    }
    this.#watchers ??= new Set()
    // Each its own, also where one listener is given twice.
    const watcher = (reason: unknown): void => listener(reason)
    this.#watchers.add(watcher)
    return () => void this.#watchers?.delete(watcher)
  }

  /** What comes of `work`. Rejects with `timeout` after the time that a call has, and with `stopped` where the actor ends first. */
  async bound<T>(name: string, work: Promise<T>): Promise<T> {
    const { home, address } = this.#actor
    const request = requestOf(home, name, [])
    const ended = new ActorError('stopped', `${address.path} is stopped`, { ran: 'maybe' })
    const undo = this.watch(() => request.fail(ended))
    answer(home, request, () => work)
    try {
      return (await request.promise) as T
    } finally {
      undo()
    }
  }

  /** Whether a handler, or one that waits for it, is one of this actor or of those below it. */
  #waitsFor(handler: Message | undefined): boolean {
    for (let message = handler; message; message = message.parent) {
      const actor = message.receiver as Supervised | undefined
      if (!actor?.handles?.(message)) continue
      for (let above: Supervised | undefined = actor; above; above = above.parent)
        if (above === this.#actor) return true
    }
    return false
  }

  /** Ends what stands still: progress is what is handled of the `due` messages that had come when it was to stop. */
  #expectProgress(due: number, before = this.#actor.handled): void {
    const { timers, children } = this.#life
    timers.after(TIMEOUT, () => {
      const { handled } = this.#actor
      // Children have limits of their own.
      const waits = this.#finishing && children.size > 0
      if (waits || (handled > before && before < due)) this.#expectProgress(due, handled)
      else this.terminate(this.reason)
    })
  }

  #end(state: 'closed' | 'terminated', reason: unknown): void {
    const actor = this.#actor
    if (hasEnded(actor.state)) return
    const { address, parent } = actor
    this.reason = reason
    actor.pause()
    actor.enter(state)
    void this.closeStreams('was killed', reason)
    actor.abandonAll('was killed')
    this.refuseAll()
    this.#life.timers.clear()
    actor.forgotten(address, reason)
    parent?.life.children.delete(actor)
    parent?.life.keepAlive?.check()
    this.#life.closeMailbox()
    for (const watcher of this.#watchers ?? []) watcher(reason)
    this.#stopped?.resolve()
  }
}
