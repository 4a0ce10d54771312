// The Vite plugin of the build for bundlers, dist/lean: members of classes that only this package uses have short names,
// the same in every module. No bundler shortens them, as none can know that nothing else uses them.
//
// What keeps its name:
//   - what the declarations of an entry show (public-names.ts)
//   - what the platform and the libraries in use have a member of that name for
//   - what is a key of an object literal, or a string, somewhere in the sources: it may cross a link, or be looked up
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import MagicString from 'magic-string'
import { type ESTree, parseSync, type Plugin, Visitor } from 'vite'
import { nameAt } from './private-names.js'
import { nameOf, publicNames } from './public-names.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const PLATFORM = [
  'typescript/lib',
  '@typescript',
  '@types/node',
  '@types/ws',
  'nanoevents',
  'comlink/dist',
  'idb/build',
  '@nats-io/nats-core/lib',
  '@redis/client/dist/lib/client',
  'ioredis/built',
]

export function memberNames(): Plugin {
  let short: ReadonlyMap<string, string> = new Map()
  return {
    name: 'member-names',
    buildStart() {
      const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        exports: Record<string, { types?: string }>
      }
      const entries = Object.values(exports).flatMap(({ types }) => (types ? [join(root, types)] : []))
      if (!entries.every((path) => existsSync(path))) throw new Error('dist/types is missing: run `vite build` first')
      const sources = ['core', 'adapters'].flatMap((folder) => filesIn(folder, /(?<!\.test|\.test-d|\.d)\.ts$/))
      const kept = new Set([...publicNames(entries), ...platformNames()])
      if (!kept.has('postMessage')) throw new Error("the platform's declarations are not where TypeScript had them")
      short = shortNames(
        sources.map((path) => readFileSync(path, 'utf8')),
        kept,
      )
    },
    renderChunk(code) {
      const renamed = withNames(code, short)
      return { code: renamed.toString(), map: renamed.generateMap({ hires: 'boundary' }) }
    },
  }
}

/** A short name for each member of a class in these modules: the more it is used, the shorter. */
export function shortNames(modules: readonly string[], kept: ReadonlySet<string>): Map<string, string> {
  const members = new Set<string>()
  const uses = new Map<string, number>()
  const fixed = new Set(kept)
  const member = ({ key, computed }: ESTree.MethodDefinition | ESTree.PropertyDefinition): void => {
    if (!computed && key.type === 'Identifier') members.add(key.name)
  }
  const use = (key: ESTree.Node): void => void uses.set(nameOf(key), (uses.get(nameOf(key)) ?? 0) + 1)
  const visitor = new Visitor({
    MethodDefinition: member,
    PropertyDefinition: member,
    TSParameterProperty: ({ parameter }) => {
      const { type } = parameter
      members.add(nameOf(type === 'AssignmentPattern' ? parameter.left : parameter))
    },
    MemberExpression: ({ property }) => use(property),
    ObjectPattern: ({ properties }) => {
      for (const property of properties) if (property.type === 'Property') use(property.key)
    },
    ObjectExpression: ({ properties }) => {
      for (const property of properties) if (property.type === 'Property') fixed.add(nameOf(property.key))
    },
    Literal: ({ value }) => void (typeof value === 'string' && fixed.add(value)),
  })
  for (const code of modules) visitor.visit(parseSync('module.ts', code).program)

  const free = [...members].filter((name) => !fixed.has(name))
  free.sort((one, other) => (uses.get(other) ?? 0) - (uses.get(one) ?? 0))
  const short = new Map<string, string>()
  let place = 0
  for (const name of free) {
    while (fixed.has(nameAt(place))) place++
    short.set(name, nameAt(place++))
  }
  return short
}

/** The module with its members called by these names. */
export function withNames(code: string, short: ReadonlyMap<string, string>): MagicString {
  const renamed = new MagicString(code)
  const rename = (key: ESTree.Node, before = '', after = ''): void => {
    const name = key.type === 'Identifier' ? short.get(key.name) : undefined
    if (name) renamed.update(key.start, key.end, before + name + after)
  }
  new Visitor({
    MethodDefinition: ({ key, computed }) => void (computed || rename(key)),
    PropertyDefinition: ({ key, computed }) => void (computed || rename(key)),
    MemberExpression: ({ property, computed }) => void (computed || rename(property)),
    ObjectPattern: ({ properties }) => {
      for (const property of properties) {
        if (property.type !== 'Property' || property.computed) continue
        // `{ name }` and `{ name = 1 }` declare a variable of that name.
        const { key } = property
        rename(key, '', property.shorthand ? `: ${nameOf(key)}` : '')
      }
    },
  }).visit(parseSync('module.js', code).program)
  return renamed
}

function filesIn(folder: string, kind: RegExp): string[] {
  const path = join(root, folder)
  if (!existsSync(path)) return []
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
  return files.filter((file) => kind.test(file)).map((file) => join(path, file))
}

/** The names of all members that the platform's declarations have, and those of libraries. */
function platformNames(): Set<string> {
  const names = new Set<string>()
  const add = ({ key }: { readonly key: ESTree.Node }): void => void names.add(nameOf(key))
  const visitor = new Visitor({
    TSPropertySignature: add,
    TSMethodSignature: add,
    PropertyDefinition: add,
    MethodDefinition: add,
  })
  for (const folder of PLATFORM)
    for (const path of filesIn(`node_modules/${folder}`, /\.d\.ts$/))
      visitor.visit(parseSync(path, readFileSync(path, 'utf8')).program)
  return names
}
