import { ActorError } from '../../ground/errors.js'
import type { Judge } from './judge.js'
import { liveness, safety } from './judge.js'
import { type Oracle, Recorder } from './oracle.js'
import { World } from './world.js'

/** What is simulated: makes dispatchers, links them, lets things go wrong, and uses them. Ends when it resolves. */
export type Scenario = (world: World) => Promise<void>

/** One simulated run. */
export interface SimulatedRun {
  /** What went wrong, in one sentence; undefined if all went well. */
  readonly fault: string | undefined
  /** What the scenario threw. */
  readonly error?: unknown
  /** The choices that were made: `replayOracle` makes them again. */
  readonly choices: readonly number[]
  /** Everything that happened, one line each. */
  readonly trace: readonly string[]
  /** Eight hexadecimal digits that stand for all that happened. */
  readonly digest: string
}

/** Milliseconds in which dispatchers close. */
const CLOSING = 120_000

/**
 * Runs a scenario once, with the choices of the oracle.
 *
 * The judges are `safety` and `liveness` unless given. Resolves to the run; its `fault` is the first one that a judge
 * found, or what the scenario threw. Never rejects.
 */
export async function simulate(
  scenario: Scenario,
  oracle: Oracle,
  judges: readonly Judge[] = [safety, liveness],
): Promise<SimulatedRun> {
  check(scenario, oracle, judges)
  const recorder = new Recorder(oracle)
  const world = new World(recorder)
  let error: unknown
  const fault = await play(world, scenario, judges, (thrown) => (error = thrown))
  const { trace } = world
  return { fault, error, choices: recorder.choices, trace, digest: digestOf(trace) }
}

/** `threw` hears what the scenario throws. */
async function play(
  world: World,
  scenario: Scenario,
  judges: readonly Judge[],
  threw: (error: unknown) => void,
): Promise<string | undefined> {
  const judge = (moment: keyof Judge): string | undefined => {
    for (const each of judges) {
      const fault = each[moment]?.(world)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  const step = (): string | undefined => judge('step')
  /** Until the promise settles. */
  const until = async (promise: Promise<unknown>, limit?: number): Promise<string | undefined> => {
    let isOver = false
    let thrown: string | undefined
    promise.then(
      () => (isOver = true),
      (error: unknown) => {
        isOver = true
        threw(error)
        thrown = `the scenario failed: ${String(error)}`
      },
    )
    return (await world.run(() => isOver, step, limit)) ?? thrown
  }
  const isStuck = await until((async () => scenario(world))())
  if (isStuck !== undefined) return isStuck
  const fault = (await until(world.heal())) ?? judge('end')
  if (fault !== undefined) return fault
  const closing = Promise.all(world.dispatchers.map((dispatcher) => dispatcher.close({ mode: 'kill' })))
  const end = world.now + CLOSING
  const late = await until(closing, end)
  if (late !== undefined) return late
  // Timers in the background may end by themselves.
  await world.run(
    () => world.timers === 0,
    () => undefined,
    end,
  )
  return judge('closed')
}

/** Throws `malformed` for wrong arguments. */
function check(scenario: unknown, oracle: unknown, judges: unknown): void {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  const isJudge = (judge: unknown): boolean =>
    isObject(judge) && Object.keys(judge).every((key) => ['step', 'end', 'closed'].includes(key))
  if (typeof scenario !== 'function') throw new ActorError('malformed', 'a scenario must be a function')
  if (!isObject(oracle) || typeof oracle['choose'] !== 'function')
    throw new ActorError('malformed', 'an oracle must have the function choose')
  if (!Array.isArray(judges) || !judges.every(isJudge))
    throw new ActorError('malformed', 'judges must be a list of objects with step, end or closed')
}

/** FNV-1a of the lines. */
function digestOf(lines: readonly string[]): string {
  let hash = 0x811c9dc5
  for (const line of lines) {
    for (let n = 0; n < line.length; n++) hash = Math.imul(hash ^ line.charCodeAt(n), 0x01000193)
    hash = Math.imul(hash ^ 10, 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
