import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const oxlint = here('../node_modules/oxlint/bin/oxlint')
const tsgolint = here('../node_modules/.bin/tsgolint')
const table = readFileSync(here('../.ci/rooms.mjs'), 'utf8')
const config = readFileSync(here('../.oxlintrc.json'), 'utf8')

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly message: string; readonly filename: string }[]
}

/** Runs oxlint as `npm run lint` does, in a folder with our configuration and `files`. */
function lint(files: Record<string, string>): { status: number | null; stdout: string } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'troupe-rooms-')))
  try {
    for (const [file, text] of Object.entries({ '.oxlintrc.json': config, '.ci/rooms.mjs': table, ...files })) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
    return spawnSync(process.execPath, [oxlint, '--type-aware', '--deny-warnings', '--format=json'], {
      cwd: folder,
      env: { ...process.env, OXLINT_TSGOLINT_PATH: tsgolint },
      encoding: 'utf8',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What our rules report, as `file: rule: message`. */
function complaints(files: Record<string, string>): string[] {
  const { status, stdout } = lint(files)
  const { diagnostics } = JSON.parse(stdout) as Report
  expect(status).toBe(diagnostics.length === 0 ? 0 : 1)
  return diagnostics
    .filter(({ code }) => code === 'troupe(rooms)' || code === 'eslint(max-lines)')
    .map(({ code, message, filename }) => `${filename}: ${code}: ${message}`)
    .sort()
}

const DOWNWARDS = 'rooms import downwards only, see .ci/rooms.mjs'

test('each form of import of a higher room fails', () => {
  const forms = {
    import: `import { a } from '../link/a.js'\nexport const b = a`,
    'import-effects': `import '../link/a.js'`,
    'import-type': `import type { A } from '../link/a.js'\nexport type B = A`,
    export: `export { a } from '../link/a.js'`,
    'export-type': `export type { A } from '../link/a.js'`,
    'export-all': `export * from '../link/a.js'`,
    'import()-type': `export type B = import('../link/a.js').A`,
    'typeof-import()': `export type B = typeof import('../link/a.js')`,
    'dynamic-import': `export const b = () => import('../link/a.js')`,
    'dynamic-import-of-a-template': 'export const b = () => import(`../link/a.js`)',
    'import-equals': `import a = require('../link/a.js')\nexport const b = a`,
  }
  const planted = Object.entries(forms).map(([name, text]) => [`core/wire/${name}.ts`, text] as const)
  expect(
    complaints({ 'core/link/a.ts': `export type A = 1\nexport const a = 1`, ...Object.fromEntries(planted) }),
  ).toEqual(planted.map(([file]) => `${file}: troupe(rooms): core/wire may not import core/link: ${DOWNWARDS}`).sort())
})

test('imports that the table allows pass, and so do those of tests and of core/testing', () => {
  const upwards = `import { a } from '../link/a.js'\nexport const b = a`
  expect(
    complaints({
      'core/ground/g.ts': `export type G = 1\nexport const g = 1`,
      'core/wire/w.ts': `import type { G } from '../ground/g.js'\nexport { g } from '../ground/g.js'\nexport type W = G`,
      'core/wire/same.ts': `export { g } from './w.js'`,
      'core/link/session/s.ts': `export { g } from '../../wire/w.js'`,
      'core/link/a.ts': `export { g as a } from './session/s.js'`,
      'core/actor/a.ts': `export { createNanoEvents } from 'nanoevents'\nexport { a } from '../link/a.js'`,
      'core/index.ts': `export { a } from './actor/a.js'\nexport { b } from './host.js'`,
      'core/host.ts': `export { a as b } from './link/a.js'`,
      'core/wire/w.test.ts': upwards,
      'core/wire/w.test-d.ts': upwards,
      'core/testing/t.ts': `export { a } from '../index.js'`,
      'core/testing/cases/c.ts': `export { a } from '../../index.js'`,
    }),
  ).toEqual([])
})

test('a nested room is a room of its own, and no room imports the files of core itself or core/testing', () => {
  const arrows = [
    ['core/ground/a.ts', '../host.js', 'core/ground may not import core/host.js'],
    ['core/index.ts', './cellar/b.js', 'core may not import core/cellar'],
    ['core/host.ts', './testing/b.js', 'core may not import core/testing'],
    ['core/link/calls/a.ts', '../link.js', 'core/link/calls may not import core/link'],
    ['core/link/streams/a.ts', '../calls/b.js', 'core/link/streams may not import core/link/calls'],
    ['core/peers/a.ts', '../actor/b.js', 'core/peers may not import core/actor'],
    ['core/wire/a.ts', '../testing/b.js', 'core/wire may not import core/testing'],
  ] as const
  expect(
    complaints(Object.fromEntries(arrows.map(([file, specifier]) => [file, `export { b } from '${specifier}'`]))),
  ).toEqual(arrows.map(([file, , message]) => `${file}: troupe(rooms): ${message}: ${DOWNWARDS}`).sort())
})

test('core imports no package but nanoevents and nothing outside core, not even in core/testing', () => {
  const outside = ['ws', 'node:fs', 'nanoevents/x', '../../adapters/base/port.js', '/a.js']
  const text = outside.map((specifier) => `export type {} from '${specifier}'`).join('\n')
  const rooms = ['core/testing', 'core/wire']
  expect(complaints(Object.fromEntries(rooms.map((room) => [`${room}/a.ts`, text])))).toEqual(
    rooms
      .flatMap((room) => outside.map((specifier) => `${room}/a.ts: troupe(rooms): ${room} may not import ${specifier}`))
      .map((start) => `${start}: core imports only its own files and nanoevents, see .ci/rooms.mjs`)
      .sort(),
  )
})

test('a path that is computed fails, as the rule cannot read it', () => {
  expect(complaints({ 'core/wire/a.ts': 'export const b = (c: string) => import(c)' })).toEqual([
    'core/wire/a.ts: troupe(rooms): core/wire may not import a computed path: the rule cannot read it, see .ci/rooms.mjs',
  ])
})

test('a file in a folder that the table does not know fails', () => {
  expect(complaints({ 'core/cellar/a.ts': 'export const a = 1', 'core/link/attic/b.ts': 'export {}' })).toEqual([
    'core/cellar/a.ts: troupe(rooms): core/cellar is not in the table of rooms, see .ci/rooms.mjs',
    'core/link/attic/b.ts: troupe(rooms): core/link/attic is not in the table of rooms, see .ci/rooms.mjs',
  ])
})

test.each([
  ['itself', 'ground'],
  ['a higher room', 'message'],
  ['an unknown room', 'cellar'],
])('a table in which a room names %s is refused', (_, name) => {
  const { status, stdout } = lint({ '.ci/rooms.mjs': table.replace('ground: []', `ground: ['${name}']`) })
  expect(stdout).toContain(`.ci/rooms.mjs: 'ground' names '${name}', which does not stand above it`)
  expect(status).toBe(1)
})

test('the table has a row for each folder of core, and no other row', () => {
  const folders = readdirSync(here('../core'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath }) => relative(here('../core'), parentPath).replaceAll('\\', '/'))
    .filter((folder) => folder !== '' && !folder.startsWith('testing'))
  const rows = Array.from(table.matchAll(/^ {2}'?([a-z/]+)'?: \[/gm), ([, room]) => room)
  expect(new Set(rows)).toEqual(new Set(folders))
})

test('a file of more than 300 lines fails in core and adapters, except tests and fixtures', () => {
  const lines = (count: number): string => '// a line\n'.repeat(count - 1) + 'export {}\n'
  const long = [
    'core/wire/b.ts',
    'adapters/base/b.ts',
    'core/wire/b.test.ts',
    'core/b.test-d.ts',
    'adapters/fixtures/b.ts',
  ]
  expect(
    complaints({ 'core/wire/a.ts': lines(300), ...Object.fromEntries(long.map((file) => [file, lines(301)])) }),
  ).toEqual([
    'adapters/base/b.ts: eslint(max-lines): File has too many lines (301).',
    'core/wire/b.ts: eslint(max-lines): File has too many lines (301).',
  ])
})

test('core itself holds at most 12 files beside tests', () => {
  const files = readdirSync(here('../core'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .filter((name) => !/\.(test|test-d)\.ts$/.test(name))
  expect(files.length).toBeLessThanOrEqual(12)
})
