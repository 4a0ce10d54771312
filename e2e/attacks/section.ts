import { ADAPTERS, type Attack, ATTACKS, cellOf } from './table.js'

const NAMES = Object.keys(ADAPTERS)

/** The part of SECURITY.md that says what is tested where. */
export const section = (): string =>
  [
    '| Attack | What stands against it | Tested | Why not elsewhere |',
    '| --- | --- | --- | --- |',
    ...ATTACKS.map((attack) => `| ${attack.attack} | ${attack.defence} | ${tested(attack)} | ${reasons(attack)} |`),
  ].join('\n')

/** The adapters on which it is tested. */
function tested(attack: Attack): string {
  const shown = NAMES.filter((name) => typeof cellOf(attack, name) === 'object')
  if (shown.length === NAMES.length) return 'on every adapter'
  const missing = NAMES.filter((name) => !shown.includes(name))
  return missing.length < 3 ? `on every adapter but ${missing.join(' and ')}` : shown.join(', ')
}

function reasons(attack: Attack): string {
  const all = NAMES.map((name) => cellOf(attack, name)).filter((cell) => typeof cell === 'string')
  return all.length === 0 ? '–' : [...new Set(all)].join('. ')
}
