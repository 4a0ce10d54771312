import { type Env, platformEnv } from '../ground/env.js'
import type { Store } from '../ground/store.js'
import type { Platform } from '../singleton/platform.js'
import { type VirtualClock, virtualClock } from './virtual-clock.js'

declare const structuredClone: <T>(value: T) => T

/** Milliseconds that a message takes, and a lock. */
const LATENCY = 1

interface Lock {
  owner: Holding | undefined
  readonly waiting: Holding[]
}

interface Holding {
  readonly tab: Tab
  granted(): void
  lost(error: unknown): void
}

/** The tabs of an origin on one virtual clock, with channels and locks as browsers have them. */
export class SimulatedOrigin {
  readonly clock: VirtualClock
  readonly #channels = new Set<{ readonly tab: Tab; readonly name: string; heard(data: unknown): void }>()
  readonly #locks = new Map<string, Lock>()
  #tabs = 0

  constructor(seed?: number) {
    this.clock = virtualClock(seed)
  }

  /** Opens a tab. */
  tab(): Tab {
    return new Tab(this, `tab${++this.#tabs}`)
  }

  /** The tab that has a lock, of all that are held. */
  get holders(): Tab[] {
    return [...this.#locks.values()].flatMap(({ owner }) => owner?.tab ?? [])
  }

  /** @internal */
  open(tab: Tab, name: string, heard: (data: unknown) => void): ReturnType<Platform['open']> {
    const channel = { tab, name, heard }
    this.#channels.add(channel)
    return {
      postMessage: (data) => {
        const copy = structuredClone(data)
        for (const other of this.#channels) {
          if (other === channel || other.name !== name) continue
          this.clock.setTimer(
            () => other.tab.run(() => this.#channels.has(other) && other.heard(structuredClone(copy))),
            LATENCY,
          )
        }
      },
      close: () => void this.#channels.delete(channel),
    }
  }

  /** @internal */
  lock(tab: Tab, ...[name, steals, granted, lost]: Parameters<Platform['lock']>): () => void {
    const lock = this.#locks.get(name) ?? { owner: undefined, waiting: [] }
    this.#locks.set(name, lock)
    let isOver = false
    const told = (work: () => void): void => tab.run(() => isOver || work())
    const holding: Holding = {
      tab,
      granted: () => told(granted),
      lost: (error) => told(() => lost(error)),
    }
    if (steals) {
      const robbed = lock.owner
      lock.owner = holding
      this.clock.setTimer(() => robbed?.lost(new Error('the lock was stolen')), LATENCY)
      this.clock.setTimer(() => lock.owner === holding && holding.granted(), LATENCY)
    } else {
      lock.waiting.push(holding)
      this.#grant(lock)
    }
    return () => {
      isOver = true
      this.#release(lock, (other) => other === holding)
    }
  }

  /** What a tab had is free. */
  crashed(tab: Tab): void {
    for (const channel of this.#channels) if (channel.tab === tab) this.#channels.delete(channel)
    for (const lock of this.#locks.values()) this.#release(lock, (holding) => holding.tab === tab)
  }

  #release(lock: Lock, test: (holding: Holding) => boolean): void {
    lock.waiting.splice(0, lock.waiting.length, ...lock.waiting.filter((each) => !test(each)))
    if (!lock.owner || !test(lock.owner)) return
    lock.owner = undefined
    this.#grant(lock)
  }

  #grant(lock: Lock): void {
    if (lock.owner) return
    const next = (lock.owner = lock.waiting.shift())
    if (next) this.clock.setTimer(() => lock.owner === next && next.granted(), LATENCY)
  }
}

/** One tab: it can hang, crash, and be put away. */
export class Tab {
  readonly env: Env
  readonly platform: Platform
  readonly #origin: SimulatedOrigin
  #state: 'runs' | 'hangs' | 'gone' = 'runs'
  #backlog: (() => unknown)[] = []
  readonly #away = new Set<(isAway: boolean) => void>()

  constructor(
    origin: SimulatedOrigin,
    readonly name: string,
  ) {
    const { clock } = origin
    this.#origin = origin
    this.env = {
      ...clock,
      setTimer: (fn, ms, background) => clock.setTimer(() => this.run(fn), ms, background),
      defer: (fn) => platformEnv.defer(() => this.run(fn)),
    }
    this.platform = {
      open: (channel, heard) => origin.open(this, channel, heard),
      lock: (...request) => origin.lock(this, ...request),
      onAway: (listener) => {
        this.#away.add(listener)
        return () => void this.#away.delete(listener)
      },
    }
  }

  /** The store as this tab has it: what comes of a call is not seen while the tab hangs. */
  store(inner: Store): Store {
    const seen = async <T>(result: Promise<T>): Promise<T> => {
      const value = await result
      await this.#running()
      return value
    }
    return {
      read: (prefix) => seen(this.#running().then(() => inner.read(prefix))),
      commit: (commits) => seen(this.#running().then(() => inner.commit(commits))),
      close: () => inner.close(),
    }
  }

  /** Does something now, or when the tab goes on. */
  run(work: () => unknown): void {
    if (this.#state === 'runs') work()
    else if (this.#state === 'hangs') this.#backlog.push(work)
  }

  hang(): void {
    this.#state = 'hangs'
  }

  goOn(): void {
    this.#state = 'runs'
    for (const work of this.#backlog.splice(0)) this.run(work)
  }

  crash(): void {
    this.#state = 'gone'
    this.#origin.crashed(this)
  }

  /** The page is put into the back/forward cache. */
  putAway(): void {
    for (const listener of this.#away) listener(true)
    this.hang()
  }

  show(): void {
    this.goOn()
    for (const listener of this.#away) listener(false)
  }

  #running(): Promise<void> {
    return new Promise((resolve) => this.run(resolve))
  }
}
