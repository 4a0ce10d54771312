import { BASELINES } from './result.mjs'
import { table } from './table.mjs'

const MISSING = '–'
const perSecond = (rate) =>
  !Number.isFinite(rate) ? MISSING : rate >= 1e6 ? `${(rate / 1e6).toFixed(2)}M` : `${(rate / 1e3).toFixed(1)}k`
const times = (ratio) => (!Number.isFinite(ratio) ? MISSING : ratio.toFixed(ratio >= 10 ? 1 : 2))
const inFlight = (load = MISSING) => (typeof load === 'number' ? load.toLocaleString('en') : load)
const milliseconds = (time) => (Number.isFinite(time) ? time.toFixed(1) : MISSING)
const baselinesOf = (results) => BASELINES.filter((name) => results.some(({ contender }) => contender === name))

function measured(results) {
  const baselines = baselinesOf(results)
  return table(
    ['path', 'calls in flight', 'contender', 'median calls/s', 'min–max', ...baselines.map((name) => `× ${name}`)],
    results.map(({ path, load, contender, median, min, max, ratios }) => [
      path,
      inFlight(load),
      contender,
      perSecond(median),
      `${perSecond(min)}–${perSecond(max)}`,
      ...baselines.map((name) => times(ratios[name])),
    ]),
  )
}

function started(results) {
  const baselines = baselinesOf(results)
  return table(
    ['path', 'contender', 'median ms', 'min–max', ...baselines.map((name) => `× ${name}`)],
    results.map(({ path, contender, median, min, max, ratios }) => [
      path,
      contender,
      milliseconds(median),
      `${milliseconds(min)}–${milliseconds(max)}`,
      ...baselines.map((name) => times(ratios[name])),
    ]),
  )
}

const goals = (judged) =>
  table(
    ['path', 'calls in flight', 'goal', 'measured', 'met'],
    judged.map(({ path, load, than, atLeast, atMost, ratio, met }) => [
      path,
      inFlight(load),
      `${atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`} × ${than}`,
      `${times(ratio)} ×`,
      met ? 'yes' : 'no',
    ]),
  )

const section = (title, lines) => (lines.length > 0 ? ['', `## ${title}`, '', ...lines] : [])

const methodOfRates = ({ rounds, inChromium, duration, warmUp }) =>
  `${rounds} rounds in shuffled order (${inChromium} of rows in Chromium), each measurement ${duration} s ` +
  `in a fresh process after ${warmUp} s of warm-up. The message is \`add(1, 2)\`. ` +
  'Ratios are medians of the ratios within a round. `tell` is one way, in bursts of 1,000 a turn; a call after every 65,536 confirms that all were handled.'

const methodOfStarts = ({ starts }) =>
  `Starts: ${starts} of each contender in one process, in turn and in shuffled order, each with a new worker, ` +
  'after one of each that does not count. Less is better. Ratios are medians of the ratios within a round.'

/** The whole run as Markdown. */
export const report = ({ setting, rows, results, judged, failures }) => {
  const rates = results.filter(({ rates }) => rates)
  const starts = results.filter(({ times }) => times)
  return [
    '# Smoke benchmark',
    '',
    `${setting.node}, ${setting.cpu}.`,
    ...(rates.length > 0 ? ['', methodOfRates(setting)] : []),
    ...(starts.length > 0 ? ['', methodOfStarts(setting)] : []),
    '',
    ...rows.map(({ path, about }) => `- ${path}: ${about}`),
    ...section('Rates', rates.length > 0 ? measured(rates) : []),
    ...section('Starts', starts.length > 0 ? started(starts) : []),
    ...section('Goals of the issue', judged.length > 0 ? goals(judged) : []),
    ...section(
      'Failed measurements',
      failures.map((failure) => `- ${failure}`),
    ),
    '',
  ].join('\n')
}
