/** What a dispatcher uses of the platform. `virtualClock()` is one for tests. */
export interface Env {
  /** The time in ms, on a clock that never goes back. */
  now(): number
  /** Calls `fn` once after `ms`, and returns the timer. A background timer does not keep a process alive. */
  setTimer(fn: () => void, ms: number, background?: boolean): unknown
  /** Cancels a timer. */
  clearTimer(timer: unknown): void
  /** Sets whether a timer, if there is one, keeps a process alive. */
  holdTimer(timer: unknown, held: boolean): void
  /** A number in [0, 1). */
  random(): number
  /** 128 random bits as 22 URL-safe characters. */
  id(): string
  /** Calls `fn` as a task of its own, after pending input was handled. */
  defer(fn: () => void): void
  /** The date, in ms since 1970. The platform is asked unless given. */
  date?(): number
  /** Bytes of heap in use. The platform is asked unless given. */
  memory?(): number | undefined
  /** Keeps a value across what is awaited: an AsyncLocalStorage. What the platform has unless given; undefined for none. */
  follow?(): Followed | undefined
  /**
   * Gets each object about which something is sent once it is garbage-collected. An `env` that keeps them makes what is
   * sent independent of the collector.
   */
  keep?(object: object): void
}

export interface Followed {
  getStore(): unknown
  enterWith(value: unknown): void
}

interface Platform {
  performance: { now(): number }
  crypto: { getRandomValues(bytes: Uint8Array): Uint8Array }
  btoa(text: string): string
  queueMicrotask(this: void, fn: () => void): void
  setTimeout(this: void, fn: () => void, ms: number): unknown
  clearTimeout(this: void, timer: unknown): void
  setImmediate?(this: void, fn: () => void): unknown
  readonly Deno?: unknown
  MessageChannel?: new () => { readonly port1: Port; readonly port2: Port }
}

interface Port {
  onmessage: (() => void) | null
  postMessage(data: undefined): void
}

const platform = globalThis as unknown as Platform
// As they are when this is loaded: a call settles though a test puts fake ones in their place. All else of the platform
// is looked for when it is needed.
const { clearTimeout, performance, queueMicrotask, setImmediate, setTimeout } = platform
export { queueMicrotask }
const deferred: (() => void)[] = []
/** Calls what is deferred, by and by; made when it is needed. */
let caller: Port | undefined
const LONGEST = 2 ** 31 - 1

export const platformEnv: Env = {
  now: performance.now.bind(performance),
  setTimer(fn, ms, background = false) {
    // The platform takes longer ones for none; whoever waits looks at the clock again.
    const timer = setTimeout(fn, Math.min(ms, LONGEST))
    if (background) platformEnv.holdTimer(timer, false)
    return timer
  },
  holdTimer(timer, held) {
    // In browsers a timer is a number.
    ;(timer as Partial<Record<'ref' | 'unref', () => void>> | undefined)?.[held ? 'ref' : 'unref']?.()
  },
  clearTimer: (timer) => clearTimeout(timer),
  random: () => Math.random(),
  id() {
    const bytes = platform.crypto.getRandomValues(new Uint8Array(16))
    return platform
      .btoa(String.fromCharCode(...bytes))
      .slice(0, 22)
      .replaceAll('+', '-')
      .replaceAll('/', '_')
  },
  defer(fn) {
    // Deno calls what is immediate before it reads what has come.
    const { Deno, MessageChannel } = platform
    if (setImmediate && !Deno) return void setImmediate(fn)
    if (Deno || !MessageChannel) return void setTimeout(fn, 0)
    // Timers are clamped to 4 ms, and to a second in a tab that is not looked at.
    if (!caller) {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => deferred.shift()?.()
      caller = port2
    }
    deferred.push(fn)
    caller.postMessage(undefined)
  },
}
