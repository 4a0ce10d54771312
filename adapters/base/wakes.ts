/** What a page has that tells when it can be reached again. */
interface Page {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
  readonly document?: Pick<Page, 'addEventListener' | 'removeEventListener'> & { readonly visibilityState: string }
}

/** Calls `listener` when the page is online again, is looked at again, or comes back from a cache. Returns its undo. */
export function wakes(listener: () => void): () => void {
  const page = globalThis as unknown as Page
  const { document } = page
  if (typeof page.addEventListener !== 'function') return () => {}
  const seen = (): void => {
    if (document?.visibilityState === 'visible') listener()
  }
  const events = ['online', 'pageshow']
  for (const event of events) page.addEventListener(event, listener)
  document?.addEventListener('visibilitychange', seen)
  return () => {
    for (const event of events) page.removeEventListener(event, listener)
    document?.removeEventListener('visibilitychange', seen)
  }
}
