import type { Oracle } from './oracle.js'

/** Something that is to happen. */
export interface Task {
  readonly label: string
  readonly order: number
  readonly run: () => void
  /** Whether it is not to happen any more. */
  readonly isOff?: (() => boolean) | undefined
}

/** What happens one after the other: payloads in one direction, or the tasks of one dispatcher. */
export class Lane {
  readonly tasks: Task[] = []
  /** It stands still until then. */
  until = 0

  constructor(
    readonly name: string,
    /** The dispatcher in which it happens. A lane stands still with it. */
    readonly place: Place,
  ) {}
}

/** Where things happen: nothing does while it is asleep. */
export interface Place {
  readonly name: string
  asleepUntil: number
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly fn: () => void
}

/** The timers of one dispatcher. */
export class Timers {
  readonly #scheduler: Scheduler
  readonly #lane: Lane
  readonly set = new Set<Timer>()

  constructor(scheduler: Scheduler, place: Place) {
    this.#scheduler = scheduler
    this.#lane = new Lane('timer', place)
  }

  add(fn: () => void, ms: number): object {
    const timer = { at: this.#scheduler.now + Math.max(0, ms), order: this.#scheduler.serial(), fn }
    this.set.add(timer)
    if (timer.at <= this.#scheduler.now) this.#due(timer)
    return timer
  }

  clear(timer: unknown): void {
    this.set.delete(timer as Timer)
  }

  /** When the next one is due. */
  get next(): number {
    let next = Infinity
    for (const { at } of this.set) next = Math.min(next, at)
    return Math.max(next, this.#lane.place.asleepUntil)
  }

  /** Time has moved from `from`: those that became due are to run, the earliest first. */
  moved(from: number): void {
    const { now } = this.#scheduler
    const due = [...this.set].filter(({ at }) => at > from && at <= now)
    for (const timer of due.sort((a, b) => a.at - b.at || a.order - b.order)) this.#due(timer)
  }

  #due(timer: Timer): void {
    const run = (): void => {
      this.set.delete(timer)
      timer.fn()
    }
    this.#scheduler.push(this.#lane, 'timer', run, () => !this.set.has(timer))
  }
}

/**
 * Decides what happens next. Of the lanes in which something can happen now the oracle chooses one. Time moves only when
 * nothing can.
 */
export class Scheduler {
  now = 0
  readonly #oracle: Oracle
  /** Those with tasks, in the order in which they got the first one. */
  readonly #lanes = new Set<Lane>()
  readonly #timers = new Set<Timers>()
  #serial = 0

  constructor(oracle: Oracle) {
    this.#oracle = oracle
  }

  serial(): number {
    return this.#serial++
  }

  push(lane: Lane, label: string, run: () => void, isOff?: () => boolean): void {
    lane.tasks.push({ label, order: this.serial(), run, isOff })
    this.#lanes.add(lane)
  }

  timers(place: Place): Timers {
    const timers = new Timers(this, place)
    this.#timers.add(timers)
    return timers
  }

  /** Forgets the timers of a dispatcher that is no more. */
  forget(timers: Timers): void {
    this.#timers.delete(timers)
  }

  /** Whether something can happen without time going by. */
  get isBusy(): boolean {
    return this.#ready().length > 0
  }

  /** Lets one thing happen, and returns what it is called. Undefined if nothing can happen any more before `until`. */
  step(until: number): string | undefined {
    let ready = this.#ready()
    while (ready.length === 0) {
      const next = this.#next()
      if (next === Infinity || next > until) return undefined
      const from = this.now
      this.now = Math.max(from, next)
      for (const timers of this.#timers) timers.moved(from)
      ready = this.#ready()
    }
    ready.sort((a, b) => a.tasks[0]!.order - b.tasks[0]!.order)
    const lane = ready[this.#oracle.choose(ready.length, 'next')]!
    const { label, run } = lane.tasks.shift()!
    if (lane.tasks.length === 0) this.#lanes.delete(lane)
    const name = `${lane.place.name} ${label}`
    run()
    return name
  }

  #ready(): Lane[] {
    const ready: Lane[] = []
    for (const lane of this.#lanes) {
      while (lane.tasks[0]?.isOff?.()) lane.tasks.shift()
      if (lane.tasks.length === 0) this.#lanes.delete(lane)
      else if (startOf(lane) <= this.now) ready.push(lane)
    }
    return ready
  }

  #next(): number {
    let next = Infinity
    for (const lane of this.#lanes) next = Math.min(next, startOf(lane))
    for (const timers of this.#timers) next = Math.min(next, timers.next)
    return next
  }
}

const startOf = ({ until, place }: Lane): number => Math.max(until, place.asleepUntil)
