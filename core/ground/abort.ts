import { isOf } from './slots.js'

// Core is checked without DOM types: these merge with the platform's own declarations.
declare global {
  interface AbortSignal {
    readonly aborted: boolean
    // oxlint-disable-next-line typescript/no-explicit-any -- as the platform declares it
    readonly reason: any
  }
}

declare const AbortController: new () => { readonly signal: AbortSignal; abort(reason?: unknown): void }

/** Apart from what is merged: the platforms' own declarations differ in it. */
interface Target {
  addEventListener(type: 'abort', listener: () => void): void
}

/** Whether it is one, of the platform or of a library. */
export const tellsAbort = (signal: unknown): boolean =>
  typeof (signal as Partial<Target> | null | undefined)?.addEventListener === 'function'

export const isSignal = (value: object): value is AbortSignal => isOf('AbortSignal', 'aborted', value)

const listeners = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `listener` when the signal fires, and returns its undo. Many share one listener of the platform's. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let waiting = listeners.get(signal)
  if (!waiting) {
    const all = (waiting = new Set())
    listeners.set(signal, all)
    ;(signal as unknown as Target).addEventListener('abort', () => {
      for (const each of all) each()
    })
  }
  waiting.add(listener)
  return () => void waiting.delete(listener)
}

export type Aborter = { readonly signal: AbortSignal; abort(reason?: unknown): void }

export const aborter = (): Aborter => new AbortController()
