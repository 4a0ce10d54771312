import { ActorError } from '../ground/errors.js'
import { aborter, onAbort } from '../ground/abort.js'
import { leavable } from '../ground/leavable.js'
import { unawaited } from '../ground/unawaited.js'

/** The options of `pool.map`. */
export interface MapOptions {
  /** How many calls of the function are under way at a time. Twice as many as the pool runs at a time, unless given. */
  readonly concurrency?: number
  /** Whether results come in the order of the inputs (`true` unless given) or as they are ready. */
  readonly ordered?: boolean
  /** When it fires, the iteration ends with its reason. */
  readonly signal?: AbortSignal
}

/** What the function of `pool.map` is called with beside the input and its index. */
export interface MapContext {
  /** Fires when no result is wanted any more: the reader left, the signal of `map` fired, or another call failed. */
  readonly signal: AbortSignal
}

type Settled<R> = { readonly value: R } | { readonly error: unknown }

/** Calls `fn` for each input and yields what the calls resolve to. At most `concurrency` are under way or not yet read. */
export function mapped<T, R>(
  inputs: Iterable<T> | AsyncIterable<T>,
  fn: (input: T, index: number, context: MapContext) => R | PromiseLike<R>,
  concurrency: number,
  { ordered = true, signal }: MapOptions,
): AsyncIterableIterator<Awaited<R>> {
  const given = aborter()
  const source = iteratorOf(inputs)
  /** Results that were not read yet, by the place of their input. */
  const ready = new Map<number, Settled<Awaited<R>>>()
  let wake = (): void => {}
  let failure: Settled<never> | undefined
  let size = 0
  let isPulling = false
  let isOver = false
  let isLeft = false
  let next = 0

  const call = async (input: T, place: number): Promise<void> => {
    let settled: Settled<Awaited<R>>
    try {
      settled = { value: await fn(input, place, { signal: given.signal }) }
    } catch (error) {
      settled = { error }
    }
    ready.set(place, settled)
    wake()
  }
  const fail = (error: unknown): void => {
    failure ??= { error }
    wake()
  }
  /** Inputs are asked for one after the other, also while calls run. */
  const pull = async (): Promise<void> => {
    if (isPulling) return
    isPulling = true
    try {
      while (!isOver && !failure && size < concurrency) {
        const { done, value } = await source.next()
        if (done) isOver = true
        else if (!failure) void call(value, next++)
        size += done ? 0 : 1
      }
    } catch (error) {
      isOver = true
      fail(error)
    }
    isPulling = false
    wake()
  }

  async function* results(): AsyncGenerator<Awaited<R>, void, undefined> {
    const undo = signal && onAbort(signal, () => fail(signal.reason))
    if (signal?.aborted) fail(signal.reason)
    try {
      for (let read = 0; !isLeft;) {
        void pull()
        const [place] = ordered ? [read] : ready.keys()
        const settled = failure ?? ready.get(place!)
        if (settled) {
          if ('error' in settled) throw settled.error
          ready.delete(place!)
          read++
          size--
          yield settled.value
        } else if (isOver && size === 0) return
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      undo?.()
      failure ??= { error: undefined }
      given.abort()
      // One that is asked for an input ends once it has given that.
      if (isPulling) unawaited(source.return?.(), () => {})
      else if (!isOver) await source.return?.()
    }
  }
  return leavable(results(), () => {
    isLeft = true
    wake()
  })
}

function iteratorOf<T>(inputs: Iterable<T> | AsyncIterable<T>): AsyncIterator<T> | Iterator<T> {
  const { [Symbol.asyncIterator]: many } = inputs as AsyncIterable<T>
  if (many) return many.call(inputs)
  const { [Symbol.iterator]: each } = inputs as Iterable<T>
  if (each) return each.call(inputs)
  throw new ActorError('malformed', 'map takes an iterable or an async iterable of inputs')
}
