import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const folder = here('../.cache/readme/')

/** The README's snippets by the file name in their first line. */
const snippets = new Map(
  Array.from(
    readFileSync(here('../README.md'), 'utf8').matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g),
    ([, name, code]) => [name!, code!] as const,
  ),
)

/** What the comments behind `console.log` say will be printed. */
const promised = (code: string): string[] =>
  Array.from(code.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm), ([, output]) => output!.split(', ')).flat()

describe('the README', () => {
  test('has snippets that compile', () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const [name, code] of snippets) writeFileSync(folder + name, code)
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions: { noEmit: false, lib: ['es2023', 'esnext.disposable', 'dom'], types: ['node'] },
      include: ['*.ts'],
    }
    writeFileSync(`${folder}tsconfig.json`, JSON.stringify(config))
    const tsc = here('../node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  }, 60_000)

  test.each(['here.ts', 'thread.ts', 'client.ts'])(
    'prints what %s says, and ends',
    (main) => {
      const script = folder + main.replace(/ts$/, 'js')
      const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 20_000 })
      expect(stderr).toBe('')
      expect(stdout.trim().split('\n')).toEqual(promised(snippets.get(main)!))
      expect(status).toBe(0)
    },
    30_000,
  )
})
