import { ActorError, Dispatcher, type Proxy } from 'troupe'
import { sharedWorker } from 'troupe/shared-worker'
import { leadership, singleton } from 'troupe/singleton'
import { Counter } from './counter.js'

/** Increments that a tab has under way at a time. */
const LOOPS = 3

/** What tests do in one of several tabs, on `window.shared`. */
class Shared {
  readonly #id = new URLSearchParams(location.search).get('id')!
  readonly #dispatcher = new Dispatcher({ id: this.#id })
  #counter: Proxy<Counter> | undefined
  #isRunning = false
  #loops: Promise<void>[] = []
  /** Whether the page was in the back/forward cache. */
  wasKept = false

  constructor() {
    addEventListener('pageshow', ({ persisted }) => (this.wasKept ||= persisted))
  }

  /** Takes part, and tells the test of each change. In the home `worker`, the SharedWorker runs the counter. */
  async join(home: string, options: { name?: string; lease?: number; version?: number } = {}): Promise<void> {
    const worker = {
      home: sharedWorker(() => new SharedWorker(new URL('./counter.worker.ts', import.meta.url), { type: 'module' })),
    }
    this.#counter = await singleton(this.#dispatcher, Counter, {
      name: 'counter',
      ...options,
      ...(home === 'worker' && worker),
    })
    const led = leadership(this.#counter)
    const tell = (): void => void window.told(this.#id, led.state, led.leader ?? '', Date.now())
    led.on('state', tell)
    tell()
  }

  value(): Promise<number> {
    return this.#counter!.value()
  }

  where(): Promise<string> {
    return this.#counter!.where()
  }

  /** One increment. Resolves to its outcome. */
  async add(): Promise<string> {
    try {
      await this.#counter!.add(1)
      return 'added'
    } catch (error) {
      return error instanceof ActorError ? `${error.code} ${error.ran}` : String(error)
    }
  }

  /** Increments until `rest`, and tells the test before and after each. */
  run(): void {
    this.#isRunning = true
    const loop = async (): Promise<void> => {
      while (this.#isRunning) {
        // Known to the test before it is done, so that it knows of all that a tab which dies may have done.
        await window.began(this.#id)
        await window.ended(this.#id, await this.add())
      }
    }
    this.#loops = Array.from({ length: LOOPS }, loop)
  }

  /** Resolves when no increment is under way. */
  async rest(): Promise<void> {
    this.#isRunning = false
    await Promise.all(this.#loops)
  }

  close(): Promise<void> {
    return this.#dispatcher.close()
  }

  /** Runs for so many milliseconds, and lets nothing else of this tab run. */
  hang(ms: number): void {
    const until = performance.now() + ms
    while (performance.now() < until);
  }

  /** Whether the database lets this tab not write for a second. */
  isStoreHeld(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      setTimeout(() => resolve(true), 1_000)
      const opening = indexedDB.open('counter')
      opening.onerror = () => reject(opening.error!)
      opening.onsuccess = () => {
        const database = opening.result
        const transaction = database.transaction('records', 'readwrite')
        transaction.objectStore('records').get('none')
        transaction.oncomplete = () => {
          database.close()
          resolve(false)
        }
      }
    })
  }

  /** The names of the locks that are held in this origin. */
  async locks(): Promise<string[]> {
    const { held = [] } = await navigator.locks.query()
    return held.map(({ name }) => name!)
  }
}

declare global {
  interface Window {
    shared: Shared
    told(id: string, state: string, leader: string, at: number): Promise<void>
    began(id: string): Promise<void>
    ended(id: string, outcome: string): Promise<void>
  }
}
window.shared = new Shared()
