// The room shared: objects that realms share: locks, queues, maps and the like, each of them an actor.
import type { ActorContext, Context } from '../actor/context.js'
import { aborter } from '../ground/abort.js'
import type { ActorError } from '../ground/errors.js'
import { ASYNC_DISPOSE } from '../ground/dispose.js'
import type { Abortable } from '../message/abortable.js'
import type { AskOptions } from '../message/ask.js'
import type { Proxy } from '../proxy/proxy-types.js'
import { ask } from '../proxy/verbs.js'
import { LEASE } from './grant.js'
import type { HoldOptions } from './holdable.js'

/** Something that is held. Disposing it releases it. */
export interface Held extends AsyncDisposable {
  /** The fencing token: a number larger than those of all earlier holders. */
  readonly token: number
  /**
   * Fires when it is lost: its actor or the link to it ended, or this realm did not show for the time of the lease that it
   * is there. It does not fire when it is released.
   */
  readonly signal: AbortSignal
  /** Resolves once it is released. Never rejects: what can't be reached is lost, and released there. */
  release(): Promise<void>
}

/** Can be held: `Lock`, `RLock`, `RwLock`, `Semaphore`, and actors of your own with such a stream. */
export interface Lockable {
  hold(options?: never): AsyncIterable<number>
}

/** The options of `acquire`: those of `ask`, `context`, and those of what is acquired. */
export interface AcquireOptions extends HoldOptions {
  /** Time in ms after which it is waited for no longer. */
  readonly timeout?: number | undefined
  /** When it fires, it is waited for no longer, and what is held is released. */
  readonly signal?: AbortSignal | undefined
  /**
   * The context of the actor that acquires it: what is held is released if the handler is given up, and when the actor ends
   * or is restarted. If it is still waited for then, the call rejects.
   */
  readonly context?: Pick<Context<unknown>, 'ask' | 'self'> | undefined
}

interface Streaming {
  hold(options: HoldOptions): Promise<Stream>
}

interface Stream extends Abortable {
  next(): Promise<IteratorResult<number, undefined>>
  return(): Promise<unknown>
}

/**
 * Acquires a lock or a semaphore and holds it until it is released, or until this realm or the actor that calls ends.
 *
 * Takes the proxy and options. `lease` is the time in ms for which it stays held if this realm stops to answer, 30,000
 * unless given. Resolves once it is held. Rejects as a call does: with `timeout`, `aborted` and `malformed`.
 *
 * ```ts
 * await using held = await acquire(lock, { timeout: 5_000 })
 * await file.write(data, held.token)
 * ```
 */
export async function acquire<A extends Lockable>(
  proxy: Proxy<A>,
  options?: AcquireOptions & Parameters<A['hold']>[0],
): Promise<Held> {
  const { timeout, signal, context, ...rest } = (options ?? {}) as AcquireOptions
  const endings = (context as ActorContext | undefined)?.endings
  let stream: Stream | undefined
  let token: number | undefined
  let gone: ActorError | undefined
  let isReleased = false
  const release = async (): Promise<void> => {
    isReleased = true
    endings?.delete(ending)
    await stream!.return().catch(() => {})
  }
  const ending = {
    close(reason: ActorError): unknown {
      if (token !== undefined) return release()
      gone = reason
      return stream?.giveUp(reason)
    },
  }
  endings?.add(ending)
  try {
    const asked = (context ?? { ask }).ask(proxy as Proxy<unknown>, { timeout, signal } as AskOptions)
    stream = await (asked as unknown as Streaming).hold(rest)
    if (gone) stream.giveUp(gone)
    ;({ value: token } = await stream.next())
  } catch (error) {
    endings?.delete(ending)
    throw error
  }
  const lost = aborter()
  // It is thought to be lost before it is lost.
  stream.timeout = (rest.lease ?? LEASE) * 0.9
  const read = (): void =>
    void stream.next().then(
      ({ done }) => done || read(),
      (error: unknown) => {
        if (!isReleased) lost.abort(error)
        endings?.delete(ending)
      },
    )
  read()
  return { token: token!, signal: lost.signal, release, [ASYNC_DISPOSE]: release }
}
