import { median } from './median.mjs'

export const BASELINES = ['raw', 'raw+promise', 'raw-advanced', 'comlink', 'nact', 'broadcast-channel']

/**
 * What the rounds say about each contender of one load: `rates` holds its calls per second, round by round,
 * undefined where a measurement failed. A ratio is the median of the ratios within each round, so that drift
 * between rounds cancels out.
 */
export const results = (path, load, rates) =>
  Object.entries(rates).map(([contender, own]) => ({
    path,
    load,
    contender,
    ...spread(own),
    rates: own,
    ratios: Object.fromEntries(
      BASELINES.filter((name) => rates[name] && name !== contender).map((name) => [
        name,
        median(present(own.map((rate, round) => rate / rates[name][round]))),
      ]),
    ),
  }))

function spread(rates) {
  const measured = present(rates)
  return { median: median(measured), min: Math.min(...measured), max: Math.max(...measured) }
}

const present = (numbers) => numbers.filter((number) => Number.isFinite(number))
