/** The part of a page's global scope that is used; workers have none of these events. */
interface Page {
  addEventListener?(type: string, listener: (event: { persisted?: boolean }) => void): void
  removeEventListener?(type: string, listener: (event: { persisted?: boolean }) => void): void
}

const page = globalThis as Page

/**
 * Calls `away` when the page goes into the back/forward cache, where it runs nothing, with the promise of its
 * being shown again. Returns its undo.
 */
export function onPutAway(away: (shown: Promise<void>) => void): () => void {
  const listener = ({ persisted }: { persisted?: boolean }): void => {
    if (persisted) away(new Promise((resolve) => once('pageshow', resolve)))
  }
  page.addEventListener?.('pagehide', listener)
  return () => page.removeEventListener?.('pagehide', listener)
}

function once(type: string, done: () => void): void {
  const listener = (): void => {
    page.removeEventListener?.(type, listener)
    done()
  }
  page.addEventListener?.(type, listener)
}
