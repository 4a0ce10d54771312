// What the bundlers make of a file for browsers in production. Each answers with the code, the modules in it, and what
// the code still imports.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rspack } from '@rspack/core'
import * as esbuild from 'esbuild'
import * as vite from 'vite'
import webpack from 'webpack'

const TARGET = 'es2022'
const root = fileURLToPath(new URL('..', import.meta.url))

/** @typedef {{ code: string, modules: Map<string, string | undefined>, imports: string[] }} Bundle */

/** The modules come with the code that is left of each. */
async function withVite(file) {
  const { output } = await vite.build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: TARGET, modulePreload: false, rollupOptions: { input: file } },
  })
  const { code, modules, imports } = single(output)
  const rendered = Object.entries(modules).filter(([, module]) => module.code)
  return { code, modules: new Map(rendered.map(([id, module]) => [id, module.code])), imports }
}

async function withEsbuild(file) {
  const options = { bundle: true, format: 'esm', minify: true, target: TARGET, platform: 'browser', outdir: '.' }
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [file],
    ...options,
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  const [{ inputs, imports }] = Object.values(metafile.outputs)
  const held = Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0)
  return {
    code: single(outputFiles).text,
    modules: new Map(held.map((path) => [resolve(root, path), undefined])),
    imports: imports.map(({ path }) => path),
  }
}

/** webpack and Rspack have one interface. Neither says how much is left of a module: those it lists are in the bundle. */
const withWebpack = (pack) => async (file) => {
  const compiler = pack({
    mode: 'production',
    context: root,
    entry: file,
    target: ['web', TARGET],
    devtool: false,
    cache: false,
    performance: false,
  })
  const assets = new Map()
  compiler.outputFileSystem = {
    ...compiler.outputFileSystem,
    mkdir: (_path, ...rest) => rest.at(-1)(null),
    stat: (_path, ...rest) => rest.at(-1)(Object.assign(new Error('nothing is written'), { code: 'ENOENT' })),
    writeFile: (path, content, ...rest) => {
      // Not the licences that it takes out of the code.
      if (path.endsWith('.js')) assets.set(path, String(content))
      rest.at(-1)(null)
    },
  }
  const stats = await new Promise((done, fail) => compiler.run((error, result) => (error ? fail(error) : done(result))))
  await new Promise((done) => compiler.close(done))
  if (stats.hasErrors()) throw new Error(stats.toString('errors-only'))
  // Rspack lists the modules that it joined into one only if asked for orphans too.
  const listed = { modules: true, nestedModules: true, orphanModules: true }
  const { modules } = stats.toJson({
    all: false,
    ids: true,
    ...listed,
    modulesSpace: Infinity,
    nestedModulesSpace: Infinity,
  })
  const paths = modules
    .filter(({ orphan }) => !orphan)
    .flatMap((module) => [module, ...(module.modules ?? [])])
    .map((module) => module.nameForCondition)
  return {
    code: single([...assets.values()]),
    modules: new Map(paths.filter(Boolean).map((path) => [path, undefined])),
    imports: [],
  }
}

function single(files) {
  if (files.length !== 1) throw new Error(`one file was expected, not ${files.length}`)
  return files[0]
}

/** @type {Record<string, (file: string) => Promise<Bundle>>} */
export const BUNDLERS = {
  vite: withVite,
  esbuild: withEsbuild,
  webpack: withWebpack(webpack),
  rspack: withWebpack(rspack),
}
