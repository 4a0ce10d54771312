import type { Env } from '../../ground/env.js'
import type { Oracle } from './oracle.js'
import { Lane, type Place, type Scheduler, type Timers } from './scheduler.js'

/** How fine random numbers are: so many possibilities. */
const GRAIN = 256

/** The `env` of one dispatcher of a simulation. */
export interface SimulatedEnv extends Env {
  readonly timers: Timers
}

/** Its clock, timers and tasks are those of the scheduler. The oracle chooses its random numbers. */
export function simulatedEnv(scheduler: Scheduler, oracle: Oracle, place: Place): SimulatedEnv {
  const tasks = new Lane('task', place)
  const timers = scheduler.timers(place)
  // Garbage is collected at no fixed time, and what is sent then would make a difference.
  const kept = new Set<object>()
  return {
    timers,
    now: () => scheduler.now,
    date: () => scheduler.now,
    setTimer: (fn, ms) => timers.add(fn, ms),
    clearTimer: (timer) => timers.clear(timer),
    holdTimer: () => {},
    random: () => oracle.choose(GRAIN, 'random') / GRAIN,
    id: () => `${place.name}-${scheduler.serial()}`.padEnd(22, '-'),
    defer: (fn) => scheduler.push(tasks, 'task', fn),
    memory: () => undefined,
    follow: () => undefined,
    keep: (object) => void kept.add(object),
  }
}
