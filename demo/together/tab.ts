const KEY = 'together-tab'
const NUMBER = 'together-tab-number:'
const ID = 'together-tab-id:'
/** Milliseconds in which the page that was here before a reload is gone. */
const RELOAD = 1_000

export interface Tab {
  /** It stays the same when the page is loaded again. */
  readonly id: string
  /** No other open tab has it. */
  readonly number: number
  /** Whether the page was loaded again. */
  readonly isReloaded: boolean
}

/** Finds out which tab this is. A lock stands for each id and each number: a tab that is closed, or crashes, loses them. */
export async function claimTab(): Promise<Tab> {
  const before = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Tab | null
  // A tab that was duplicated by the browser has what is stored of the first one.
  const isReloaded = before !== null && (await claim(ID + before.id, RELOAD))
  const id = isReloaded ? before.id : crypto.randomUUID()
  if (!isReloaded) await claim(ID + id)
  const number = isReloaded && (await claim(NUMBER + before.number)) ? before.number : await freeNumber()
  const tab = { id, number, isReloaded }
  sessionStorage.setItem(KEY, JSON.stringify(tab))
  return tab
}

/** The numbers of the tabs that are open. */
export async function openTabs(): Promise<number[]> {
  const { held = [] } = await navigator.locks.query()
  const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(NUMBER))
  return names.map((name) => Number(name.slice(NUMBER.length))).sort((a, b) => a - b)
}

async function freeNumber(): Promise<number> {
  for (let number = 1; ; number++) if (await claim(NUMBER + number)) return number
}

/** Takes a lock for as long as the page lives. Resolves to whether that was possible, within so many milliseconds. */
function claim(name: string, within = 0): Promise<boolean> {
  const options = within > 0 ? { signal: AbortSignal.timeout(within) } : { ifAvailable: true }
  return new Promise((resolve) => {
    const work = (lock: Lock | null): Promise<void> | undefined => {
      resolve(lock !== null)
      return lock ? new Promise<void>(() => {}) : undefined
    }
    navigator.locks.request(name, options, work).catch(() => resolve(false))
  })
}
