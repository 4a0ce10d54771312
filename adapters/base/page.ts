import { ActorError, type Channel } from '../../core/adapter.js'

/** The part of a page's global scope that is used; workers have none of these events. */
interface Page {
  addEventListener?(
    type: string,
    listener: (event: { persisted?: boolean }) => void,
    options?: { readonly once: boolean },
  ): void
  removeEventListener?(type: string, listener: (event: { persisted?: boolean }) => void): void
}

const page = globalThis as Page

/**
 * Ends a channel as `unreachable` when the page goes into the back/forward cache: a page runs nothing there, and
 * whoever talks to it would wait. `away` is called before.
 */
export function endWhenPutAway(channel: Channel, away?: () => void): void {
  const listener = ({ persisted }: { persisted?: boolean }): void => {
    if (!persisted) return
    away?.()
    channel.fail(new ActorError('unreachable', 'the page went into the back/forward cache'))
  }
  page.addEventListener?.('pagehide', listener)
  void channel.closed.then(() => page.removeEventListener?.('pagehide', listener))
}

/** Resolves when the page is shown again. */
export const shownAgain = (): Promise<void> =>
  new Promise((resolve) => page.addEventListener?.('pageshow', () => resolve(), { once: true }))
