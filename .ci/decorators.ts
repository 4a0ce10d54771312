// The Vite plugin of the tests: lowers standard decorators. No engine has them, and Vite leaves them as they are.
import { transform } from 'esbuild'
import type { Plugin } from 'vite'

/** Tests whose sources have a decorator at the beginning of a line. */
const DECORATED = /^\s*@\w/m

export function decorators(): Plugin {
  return {
    name: 'decorators',
    enforce: 'pre',
    async transform(code, id) {
      if (!id.endsWith('.test.ts') || !DECORATED.test(code)) return undefined
      const lowered = await transform(code, { loader: 'ts', target: 'es2022', sourcemap: true, sourcefile: id })
      return { code: lowered.code, map: lowered.map }
    },
  }
}
