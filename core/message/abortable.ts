import { onAbort } from '../ground/abort.js'
import type { ActorError } from '../ground/errors.js'
import type { Message } from './message.js'

/** A stream that its reader bounds, and may give up at any time. */
export abstract class Abortable {
  /** Milliseconds that each step has from now on; undefined for what the realm gives. */
  timeout: number | undefined
  /** The message whose handler got it, as the result of a call. */
  reader: Message | undefined
  /** Called with `true` at each step of a stream behind a link, and with `false` once it is over. */
  onRead: ((isRead: boolean) => void) | undefined
  #undos: (() => void)[] | undefined

  /** Ends it: what is under way and what is asked for later fails with `reason`, and its `finally` runs. */
  abstract giveUp(reason: ActorError): void

  /** It is given up when the signal fires. */
  giveUpWith(signal: AbortSignal, reason: () => ActorError): void {
    ;(this.#undos ??= []).push(onAbort(signal, () => this.giveUp(reason())))
  }

  /** It is over: no signal says anything to it any more. */
  protected release(): void {
    for (const undo of this.#undos ?? []) undo()
    this.#undos = undefined
    this.onRead?.(false)
  }
}
