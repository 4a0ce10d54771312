/** The part of the platform's `navigator.locks` that is used. */
interface Locks {
  request(name: string, work: () => Promise<void>): Promise<void>
  request(name: string, options: { signal: AbortSignal }, work: () => void): Promise<void>
  query(): Promise<{ held?: { name?: string }[] }>
}

declare const AbortController: new () => { readonly signal: AbortSignal; abort(): void }
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array }

// As it is when this is loaded: tests may put a fake one in its place.
const { setTimeout } = globalThis as unknown as { setTimeout(this: void, fn: () => void, ms: number): unknown }
const PREFIX = 'troupe-lock:'
/** Milliseconds in which what was sent before a death still arrives: the platform orders locks and messages in no way. */
const LAST_WORDS = 20

const locks = (): Locks | undefined =>
  (globalThis as { readonly navigator?: { readonly locks?: Locks } }).navigator?.locks

/** A name for a lock that nobody else has. */
export const lockName = (suffix?: string): string =>
  PREFIX + (suffix ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(36)).join('.'))

/** Whether a message is the name of a lock, and so no frame. */
export const isLockName = (data: unknown): data is string =>
  typeof data === 'string' && data.startsWith(PREFIX) && data.length < 1_024

/** The names of the locks that are held by realms of this origin, without what all names begin with. */
export async function heldLocks(): Promise<string[]> {
  const { held = [] } = (await locks()?.query()) ?? {}
  return held.flatMap(({ name }) => (isLockName(name) ? [name.slice(PREFIX.length)] : []))
}

/** Whether there are locks at all; they may still be refused to realms without an origin. */
export const hasLocks = (): boolean => locks() !== undefined

/**
 * Holds a Web Lock until `release` is called or the realm ends, however it ends. Resolves once it is held;
 * false where the platform has none, or none for this realm.
 */
export function holdLock(name: string, released: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const work = (): Promise<void> => {
      resolve(true)
      return released
    }
    const held = locks()?.request(name, work)
    if (held) held.catch(() => resolve(false))
    else resolve(false)
  })
}

/** Calls `died` when the realm that holds the lock has ended or let go. Returns its undo. */
export function watchLock(name: string, died: () => void): () => void {
  const watch = new AbortController()
  let over = false
  locks()
    ?.request(name, { signal: watch.signal }, () => void setTimeout(() => over || died(), LAST_WORDS))
    .catch(() => {})
  return () => {
    over = true
    watch.abort()
  }
}
