import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shortNames, withNames } from '../.ci/member-names.js'
import { publicNames } from '../.ci/public-names.js'

const rename = (code: string, kept: readonly string[] = []): string => {
  const short = shortNames([code], new Set(kept))
  return withNames(code, short).toString()
}

test('members of classes get short names, the most used one first, wherever they are used', () => {
  const code = `class Timer {
  elapsed = 0
  restart() { this.elapsed = 0 }
}
const { elapsed } = new Timer()
const { restart: again, elapsed: time = 1 } = new Timer()
const has = (restart) => restart.elapsed?.restart['elapsed']`
  expect(rename(code.replace("['elapsed']", ''))).toBe(`class Timer {
  e = 0
  t() { this.e = 0 }
}
const { e: elapsed } = new Timer()
const { t: again, e: time = 1 } = new Timer()
const has = (restart) => restart.e?.t`)
})

test('what is a key of an object literal or a string anywhere keeps its name', () => {
  const code = `class Timer { elapsed = 0; restart() {}; unused() {} }
const news = { elapsed: 1 }
const how = 'restart'`
  expect(rename(code)).toBe(code.replace('unused', 'e'))
})

test('names that are kept stay, and are given to no other member', () => {
  expect(rename('class Timer { e = 0; elapsed = 0 }', ['e'])).toBe('class Timer { e = 0; t = 0 }')
})

test('public names are those of exported declarations and of all types that they show', () => {
  const folder = mkdtempSync(join(tmpdir(), 'public-names-'))
  try {
    const inner = `import type { Hidden } from './hidden.js'
      export interface Options { readonly size?: number; mode: 'fast' | 'safe'; [INNER]: (only: Unseen) => void }
      interface Unseen { unseen: string }
      declare const INNER: unique symbol
      export class Timer extends Base { #own; constructor(options: Options, hidden: Hidden); restart(): Result }
      class Base { inherited: string }
      interface Result { readonly done: boolean }`
    writeFileSync(join(folder, 'hidden.d.ts'), 'export class Hidden { internal(): void }')
    writeFileSync(join(folder, 'inner.d.ts'), inner)
    writeFileSync(join(folder, 'index.d.ts'), "export { Timer as Clock } from './inner.js'")
    const names = [...publicNames([join(folder, 'index.d.ts')])]
    expect(names.sort()).toEqual(['constructor', 'done', 'fast', 'inherited', 'mode', 'restart', 'safe', 'size'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
