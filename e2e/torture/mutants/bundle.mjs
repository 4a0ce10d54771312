// Bundles the simulation and its scenarios with the source of core, in which a bug may be planted.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../..', import.meta.url))

const ENTRY = `
  export * from './core/testing/index.ts'
  export * as scenarios from './core/testing/simulation/fixtures/scenarios.ts'
`

/** Writes the bundle, with the bug if one is given, and returns its path. Throws if the bug has no place in its file. */
export async function bundle(mutant) {
  const outfile = join(root, '.cache/simulation', `${mutant?.name.replaceAll(' ', '-') ?? 'as-it-is'}.mjs`)
  const plant = {
    name: 'plant',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path !== join(root, mutant.file)) return undefined
        const parts = readFileSync(path, 'utf8').split(mutant.find)
        if (parts.length !== 2)
          throw new Error(`'${mutant.name}': ${mutant.file} has its text ${parts.length - 1} times, not once`)
        return { contents: parts.join(mutant.replace), loader: 'ts' }
      })
    },
  }
  await build({
    stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    plugins: mutant ? [plant] : [],
  })
  return outfile
}
