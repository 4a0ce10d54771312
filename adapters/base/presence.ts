/** What a page has that tells whether it is there. */
interface Page {
  addEventListener(type: string, listener: (event: { readonly persisted?: boolean }) => void): void
  removeEventListener(type: string, listener: (event: { readonly persisted?: boolean }) => void): void
  readonly document?: Pick<Page, 'addEventListener' | 'removeEventListener'> & { readonly visibilityState: string }
}

/**
 * Calls `back` when the page is online again, is looked at again, or comes back from a cache, and `left` when it is closed,
 * reloaded, or replaced by another page. Returns its undo.
 */
export function presence(back: () => void, left: () => void): () => void {
  const page = globalThis as unknown as Page
  const { document } = page
  if (typeof page.addEventListener !== 'function') return () => {}
  const seen = (): void => {
    if (document?.visibilityState === 'visible') back()
  }
  const hidden = ({ persisted }: { readonly persisted?: boolean }): void => void (persisted || left())
  const events = ['online', 'pageshow']
  for (const event of events) page.addEventListener(event, back)
  page.addEventListener('pagehide', hidden)
  document?.addEventListener('visibilitychange', seen)
  return () => {
    for (const event of events) page.removeEventListener(event, back)
    page.removeEventListener('pagehide', hidden)
    document?.removeEventListener('visibilitychange', seen)
  }
}
