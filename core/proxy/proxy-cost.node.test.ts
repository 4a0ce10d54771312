import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Type instantiations that the compiler needs for these files and all that they import. */
function instantiations(...files: string[]): number {
  const config = here(`../../.cache/types/${basename(files.at(-1)!)}.json`)
  mkdirSync(dirname(config), { recursive: true })
  writeFileSync(
    config,
    JSON.stringify({ extends: '../../tsconfig.json', files: files.map((file) => `../../core/${file}`), include: [] }),
  )
  const tsc = here('../../node_modules/typescript/bin/tsc')
  const text = execFileSync(process.execPath, [tsc, '-p', config, '--extendedDiagnostics'], { encoding: 'utf8' })
  return Number(/Instantiations:\s+(\d+)/.exec(text)?.[1])
}

// 7,300 were measured; proxies that choose their keys by what the values are take three times that, and do not compile.
test('two recursive actors, a chain of calls and a class of 50 methods cost less than 11,000 instantiations', () => {
  const cost = instantiations('dispatcher.ts', 'proxy/proxy-cost.test-d.ts') - instantiations('dispatcher.ts')
  expect(cost).toBeGreaterThan(0)
  expect(cost).toBeLessThan(11_000)
})
