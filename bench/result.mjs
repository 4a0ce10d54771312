import { median } from './median.mjs'

export const BASELINES = [
  'raw',
  'raw+promise',
  'raw-advanced',
  'nats.request',
  'comlink',
  'nact',
  'broadcast-channel',
  'piscina',
  'tinypool',
  'workerpool',
  'threads',
]

/** What the rounds say about each contender of one load: `rates` holds its calls per second, round by round. */
export const results = (path, load, rates) =>
  Object.keys(rates).map((contender) => ({
    path,
    load,
    contender,
    rates: rates[contender],
    ...compared(rates, contender),
  }))

/** The same of starts, of which `times` holds the milliseconds. */
export const startResults = (path, times) =>
  Object.keys(times).map((contender) => ({ path, contender, times: times[contender], ...compared(times, contender) }))

/**
 * The median and the extremes of one contender, and how many times as much it has as each baseline. `all` holds the
 * figures of each contender, round by round, undefined where a measurement failed. A ratio is the median of the ratios
 * within each round, so that drift between rounds cancels out.
 */
function compared(all, contender) {
  const own = all[contender]
  const others = BASELINES.filter((name) => all[name] && name !== contender)
  const ratio = (name) => median(present(own.map((figure, round) => figure / all[name][round])))
  return { ...spread(own), ratios: Object.fromEntries(others.map((name) => [name, ratio(name)])) }
}

function spread(figures) {
  const measured = present(figures)
  return { median: median(measured), min: Math.min(...measured), max: Math.max(...measured) }
}

const present = (numbers) => numbers.filter((number) => Number.isFinite(number))
