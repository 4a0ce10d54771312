import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createBuilder } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Builds the demo and the test pages from the package as it is built in dist/. */
export default async function buildPages(): Promise<void> {
  if (!existsSync(here('../dist/index.js'))) throw new Error('dist/ is missing: run `npm run build` first')
  for (const root of [here('../demo'), here('./pages')]) {
    const builder = await createBuilder({ root, configFile: `${root}/vite.config.ts`, logLevel: 'warn' })
    await builder.buildApp()
  }
}
