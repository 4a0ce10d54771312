import { BASELINES } from './result.mjs'
import { table } from './table.mjs'

const MISSING = '–'
const perSecond = (rate) =>
  !Number.isFinite(rate) ? MISSING : rate >= 1e6 ? `${(rate / 1e6).toFixed(2)}M` : `${(rate / 1e3).toFixed(1)}k`
const times = (ratio) => (!Number.isFinite(ratio) ? MISSING : ratio.toFixed(ratio >= 10 ? 1 : 2))
const inFlight = (load) => (typeof load === 'number' ? load.toLocaleString('en') : load)

function measured(results) {
  const baselines = BASELINES.filter((name) => results.some(({ contender }) => contender === name))
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

const goals = (judged) =>
  table(
    ['path', 'calls in flight', 'goal', 'measured', 'met'],
    judged.map(({ path, load, than, atLeast, ratio, met }) => [
      path,
      inFlight(load),
      `≥ ${atLeast} × ${than}`,
      `${times(ratio)} ×`,
      met ? 'yes' : 'no',
    ]),
  )

const section = (title, lines) => (lines.length > 0 ? ['', `## ${title}`, '', ...lines] : [])

/** The whole run as Markdown. */
export const report = ({ setting, rows, results, judged, failures }) =>
  [
    '# Smoke benchmark',
    '',
    `${setting.node}, ${setting.cpu}; ${setting.rounds} rounds in shuffled order (${setting.inChromium} of rows in Chromium), each measurement ${setting.duration} s ` +
      `in a fresh process after ${setting.warmUp} s of warm-up. The message is \`add(1, 2)\`. ` +
      'Ratios are medians of the ratios within a round. `tell` is one way, in bursts of 1,000 a turn; a call after every 65,536 confirms that all were handled.',
    '',
    ...rows.map(({ path, about }) => `- ${path}: ${about}`),
    '',
    ...measured(results),
    ...section('Goals of the issue', judged.length > 0 ? goals(judged) : []),
    ...section(
      'Failed measurements',
      failures.map((failure) => `- ${failure}`),
    ),
    '',
  ].join('\n')
