import { TELL } from './loads.mjs'

// Half of what a mailbox holds: nothing is dropped however slow the receiver is.
const MOST_TELLS = 65_536

/** Calls per second of an opened contender under one load, after a warm-up; the times in seconds. */
export async function rate({ ask, tell }, load, warmUp, duration) {
  const isTell = load === TELL
  const inFlight = isTell ? 1 : Number.parseFloat(load)
  const most = isTell ? MOST_TELLS : Infinity
  let step = inFlight

  /** Works for at least so long, in steps that grow to about an eighth of it. */
  const run = async (duration) => {
    const start = performance.now()
    let calls = 0
    let seconds = 0
    while (seconds < duration) {
      await (isTell ? tell(step) : ask(inFlight, step))
      calls += step
      seconds = (performance.now() - start) / 1000
      step = Math.ceil(Math.min(((calls / seconds) * duration) / 8, step * 8, most))
    }
    return { calls, seconds, rate: calls / seconds }
  }

  await run(warmUp)
  return run(duration)
}
