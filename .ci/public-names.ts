// The names that a package's declarations show: what its users, and objects that they make for it, may call a member.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type ESTree, parseSync } from 'vite'

interface Module {
  readonly declarations: Map<string, ESTree.Node[]>
  readonly imports: Map<string, Source>
  readonly exports: Map<string, Source>
}

/** A name in a module; without a path, one of another package. */
interface Source {
  readonly path: string | undefined
  readonly name: string
}

/**
 * The names of members, and strings, in all declarations that can be reached from the exports of these `.d.ts` files.
 *
 * Not followed are classes that no entry exports, which users can neither construct nor extend, unless one that is
 * exported extends them, and members under a symbol of the package.
 */
export function publicNames(entries: readonly string[]): Set<string> {
  const modules = new Map<string, Module>()
  const moduleAt = (path: string): Module => {
    let module = modules.get(path)
    if (!module) modules.set(path, (module = readModule(path)))
    return module
  }
  const names = new Set<string>()
  const reached = new Set<ESTree.Node>()

  const reach = ({ path, name }: Source, isExported: boolean): void => {
    if (path === undefined) return
    const { declarations, imports, exports } = moduleAt(path)
    const source = imports.get(name) ?? exports.get(name)
    if (!declarations.has(name) && source) return reach(source, isExported)
    for (const declaration of declarations.get(name) ?? []) {
      if (reached.has(declaration) || (declaration.type === 'ClassDeclaration' && !isExported)) continue
      reached.add(declaration)
      walk(path, declaration)
    }
  }
  const walk = (path: string, node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, name, value, key, computed, superClass, ...parts } = node as Record<string, unknown>
    const isSymbol = computed === true && (key as ESTree.Node).type === 'Identifier'
    if (isSymbol) return
    if (type === 'Identifier') reach({ path, name: name as string }, false)
    const base = superClass as ESTree.Expression | null | undefined
    if (base?.type === 'Identifier') reach({ path, name: base.name }, true)
    if (type === 'Literal' && typeof value === 'string') names.add(value)
    if (key && nameOf(key as ESTree.Node)) names.add(nameOf(key as ESTree.Node))
    for (const part of [value, ...Object.values(parts)]) walk(path, part)
  }

  for (const path of entries) for (const name of moduleAt(path).exports.keys()) reach({ path, name }, true)
  return names
}

function readModule(path: string): Module {
  const module: Module = { declarations: new Map(), imports: new Map(), exports: new Map() }
  const { declarations, imports, exports } = module
  const declare = (name: string, node: ESTree.Node): void =>
    void declarations.set(name, [...(declarations.get(name) ?? []), node])
  const pathOf = (from: string): string | undefined =>
    from.startsWith('.') ? resolve(dirname(path), from.replace(/\.js$/, '.d.ts')) : undefined

  for (const statement of parseSync(path, readFileSync(path, 'utf8')).program.body) {
    if (statement.type === 'ImportDeclaration') {
      for (const { local, ...specifier } of statement.specifiers) {
        const name = 'imported' in specifier ? nameOf(specifier.imported) : '*'
        imports.set(local.name, { path: pathOf(statement.source.value), name })
      }
      continue
    }
    const isExport = statement.type === 'ExportNamedDeclaration'
    if (isExport)
      for (const { local, exported } of statement.specifiers)
        exports.set(nameOf(exported), {
          path: statement.source ? pathOf(statement.source.value) : path,
          name: nameOf(local),
        })
    const declaration = isExport ? statement.declaration : statement
    if (!declaration) continue
    const declared = declaration.type === 'VariableDeclaration' ? declaration.declarations : [declaration]
    for (const node of declared) {
      if (!('id' in node) || node.id?.type !== 'Identifier') continue
      declare(node.id.name, declaration)
      if (isExport) exports.set(node.id.name, { path, name: node.id.name })
    }
  }
  return module
}

/** The text of a name or of a quoted key; empty for others, such as `[Symbol.iterator]`. */
export function nameOf(key: ESTree.Node): string {
  if (key.type === 'Identifier') return key.name
  return key.type === 'Literal' ? String(key.value) : ''
}
