import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cases } from '../core/testing/cases/index.js'
import { hostileCases } from '../core/testing/hostile-cases.js'
import { rawCases } from '../core/testing/raw-cases.js'
import { section } from './attacks/section.js'
import { ADAPTERS, ATTACKS, cellOf } from './attacks/table.js'

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')
const SUITE = new Set([...cases, ...rawCases, ...hostileCases].map(([title]) => title))

/** Whether the file has a test of that title, or runs the suite with it and does not skip it. */
function isThere(file: string, title: string, suite: string | undefined): boolean {
  const text = read(file)
  const isQuoted = ["'", '"', '`'].some((quote) => text.includes(quote + title + quote))
  if (!SUITE.has(title)) return isQuoted
  return suite !== undefined && text.includes(`testTransport({`) && text.includes(`name: '${suite}'`) && !isQuoted
}

describe('the table of attacks', () => {
  test.each(ATTACKS.map((attack) => [attack.attack, attack] as const))(
    'has a test or a reason for each adapter: %s',
    (_, attack) => {
      for (const [name, { suite }] of Object.entries(ADAPTERS)) {
        const cell = cellOf(attack, name)
        expect(cell, `${name} has no cell`).toBeDefined()
        if (typeof cell !== 'object') continue
        expect(isThere(cell.file, cell.title, suite), `${cell.file} has no test '${cell.title}'`).toBe(true)
      }
    },
  )

  test('names only adapters that there are', () => {
    for (const { cells } of ATTACKS) for (const name of Object.keys(cells ?? {})) expect(ADAPTERS).toHaveProperty(name)
  })

  test('has every case of a peer that speaks the protocol by hand', () => {
    const shown = ATTACKS.flatMap(({ suite, also = [] }) => [suite, ...also])
    for (const [title] of [...rawCases, ...hostileCases]) expect(shown).toContain(title)
  })

  test('is the one of SECURITY.md', () => {
    expect(read('SECURITY.md')).toContain(section())
  })
})
