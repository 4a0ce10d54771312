import type { Platform } from '../../core/adapter.js'

/** The part of the platform's `navigator.locks` that is used. */
interface Locks {
  request(name: string, options: object, work: () => Promise<void> | undefined): Promise<void>
}

interface Port {
  onmessage: ((event: { data: unknown }) => void) | null
  postMessage(data: unknown): void
  close(): void
  unref?(): void
}

type Listener = (event: { readonly type: string; readonly persisted?: boolean }) => void

declare const AbortController: new () => { readonly signal: AbortSignal; abort(): void }

const scope = globalThis as unknown as {
  readonly navigator?: { readonly locks?: Locks }
  readonly BroadcastChannel: new (name: string) => Port
  addEventListener?(type: string, listener: Listener, options: object): void
}

const { locks } = scope.navigator ?? {}

/** Web Locks, BroadcastChannels, and the events of a page that is put away. */
export const platform: Platform | undefined = locks && {
  open(name, heard) {
    const channel = new scope.BroadcastChannel(name)
    channel.onmessage = ({ data }) => heard(data)
    channel.unref?.()
    return channel
  },

  lock(name, steal, granted, lost) {
    const waiting = new AbortController()
    let release = (): void => {}
    const work = (): Promise<void> | undefined => {
      if (waiting.signal.aborted) return undefined
      const held = new Promise<void>((resolve) => (release = resolve))
      granted()
      return held
    }
    // The options that the platform reads of a controller are its signal.
    locks
      .request(name, steal ? { steal } : waiting, work)
      .catch((error: unknown) => waiting.signal.aborted || lost(error))
    return () => {
      waiting.abort()
      release()
    }
  },

  onAway(listener) {
    const listening = new AbortController()
    const heard: Listener = ({ type, persisted }) => {
      const isAway = type === 'pagehide'
      // One that was never away is shown, too.
      if (isAway || persisted) listener(isAway)
    }
    // Workers have no such events.
    for (const type of ['pagehide', 'pageshow']) scope.addEventListener?.(type, heard, listening)
    return () => listening.abort()
  },
}
