// The Vite plugin of the build for bundlers, dist/lean: ActorErrors say their code and names, and no sentences;
// what only Node has stays out.
import { fileURLToPath } from 'node:url'
import MagicString from 'magic-string'
import { type ESTree, parseSync, type Plugin, Visitor } from 'vite'

/** Which argument of these is the text of an ActorError. */
const TEXTS: readonly (readonly [callee: string, place: number])[] = [
  ['new ActorError', 1],
  ['asActorError', 2],
  ['requireRealm', 1],
  ['.refusal', 1],
]
const SOURCES = /\/(?:core\/(?!testing\/)|adapters\/).*\.ts$/
/** What stands in place of a module there. */
const INSTEAD: ReadonlyMap<string, string> = new Map(
  [
    ['./full-message.js', '../core/ground/terse-message.ts'],
    ['./inspect.js', '../core/message/inspect-nothing.ts'],
    ['./follow.js', '../core/realm/follow-nothing.ts'],
    ['./cores.js', '../core/pool/page-cores.ts'],
    ['./class-name.js', '../core/sharded/no-class-name.ts'],
  ].map(([source, file]) => [source!, fileURLToPath(new URL(file!, import.meta.url))]),
)

export function terse(): Plugin {
  return {
    name: 'terse',
    enforce: 'pre',
    resolveId: (source) => INSTEAD.get(source),
    transform(code, id) {
      if (!SOURCES.test(id)) return undefined
      const short = withoutProse(code)
      return { code: short.toString(), map: short.generateMap({ hires: 'boundary' }) }
    },
  }
}

/**
 * The module without the prose in the texts of its ActorErrors. In a text, what stands between `${}` goes, and so does
 * each string of several words; the values stay, separated by a space.
 *
 * The same goes for a constant that is used in such texts only, and for what is given to a parameter that is. Only
 * functions of the same module are seen.
 */
export function withoutProse(code: string): MagicString {
  const module = survey(code)
  const found = new Set<ESTree.Node>()
  const inTexts = new Set<ESTree.Node>()
  const add = (text: ESTree.Node | null | undefined): void => {
    if (!text || found.has(text)) return
    found.add(text)
    for (const leaf of leavesOf(text)) inTexts.add(leaf)
  }
  const addGiven = (callee: string, place: number): void => {
    for (const call of module.calls) if (call.callee === callee) add(call.args[place])
  }
  for (const [callee, place] of TEXTS) addGiven(callee, place)
  for (let before = -1; before < found.size;) {
    before = found.size
    for (const { name, scope, value, given } of module.variables) {
      const uses = module.names.filter((use) => use.name === name && isInside(use, scope))
      if (uses.length === 0 || !uses.every((use) => inTexts.has(use))) continue
      add(value)
      if (given) addGiven(...given)
    }
  }

  const short = new MagicString(code)
  for (const text of found) short.update(text.start, text.end, joined(valuesOf(text, code)))
  return short
}

interface Variable {
  readonly name: string
  /** The function or module in which it can be used. */
  readonly scope: ESTree.Node
  readonly value?: ESTree.Node | null
  /** It is a parameter: of which function, at which place. */
  readonly given?: readonly [callee: string, place: number]
}

/** What a module calls, declares and uses. */
function survey(code: string) {
  const calls: { callee: string; args: readonly ESTree.Node[] }[] = []
  const variables: Variable[] = []
  const names: (ESTree.Node & { readonly name: string })[] = []
  const { program } = parseSync('module.ts', code)
  const scopes: ESTree.Node[] = [program]
  const declared = new Set<ESTree.Node>()

  const enter = (name: string | undefined, scope: ESTree.Function | ESTree.ArrowFunctionExpression): void => {
    scopes.push(scope)
    for (const [place, param] of scope.params.entries()) {
      if (param.type !== 'Identifier') continue
      declared.add(param)
      if (name) variables.push({ name: param.name, scope, given: [name, place] })
    }
  }
  const leave = (): unknown => scopes.pop()
  /** Functions by the constant or the private method that they are. */
  const known = new Map<ESTree.Node, string>()
  new Visitor({
    VariableDeclarator({ id, init }) {
      if (id.type !== 'Identifier') return
      declared.add(id)
      variables.push({ name: id.name, scope: scopes.at(-1)!, value: init })
      if (init?.type === 'ArrowFunctionExpression') known.set(init, id.name)
    },
    MethodDefinition({ key, value }) {
      if (key.type === 'PrivateIdentifier') known.set(value, `#${key.name}`)
    },
    FunctionDeclaration: (node) => enter(node.id?.name, node),
    FunctionExpression: (node) => enter(known.get(node), node),
    ArrowFunctionExpression: (node) => enter(known.get(node), node),
    'FunctionDeclaration:exit': leave,
    'FunctionExpression:exit': leave,
    'ArrowFunctionExpression:exit': leave,
    CallExpression: (node) => void calls.push({ callee: calleeOf(node.callee), args: node.arguments }),
    NewExpression: (node) => void calls.push({ callee: `new ${calleeOf(node.callee)}`, args: node.arguments }),
    Identifier: (node) => void (declared.has(node) || names.push(node)),
  }).visit(program)
  return { calls, variables, names }
}

function calleeOf(callee: ESTree.Node): string {
  if (callee.type === 'Identifier') return callee.name
  if (callee.type !== 'MemberExpression' || callee.computed) return ''
  const { property } = callee
  return property.type === 'PrivateIdentifier' ? `#${property.name}` : `.${property.name}`
}

const isInside = (inner: ESTree.Span, outer: ESTree.Span): boolean =>
  outer.start <= inner.start && inner.end <= outer.end

/** The parts that a text is put together from; undefined for one that is no composition. */
function partsOf(text: ESTree.Node): readonly ESTree.Node[] | undefined {
  switch (text.type) {
    case 'TemplateLiteral':
      return text.expressions
    case 'BinaryExpression':
      return text.operator === '+' && !isNumber(text.right) ? [text.left, text.right] : undefined
    case 'ConditionalExpression':
      return [text.consequent, text.alternate]
    case 'LogicalExpression':
      return [text.left, text.right]
    default:
      return undefined
  }
}

const leavesOf = (text: ESTree.Node): readonly ESTree.Node[] => partsOf(text)?.flatMap(leavesOf) ?? [text]

/** The values of a text that is left without its prose, as expressions. */
function valuesOf(text: ESTree.Node, code: string): readonly string[] {
  const parts = partsOf(text)?.map((part) => valuesOf(part, code))
  if (!parts) return isProse(text) ? [] : [code.slice(text.start, text.end)]
  if (parts.flat().length === 0) return []
  const [left = [], right = []] = parts
  if (text.type === 'LogicalExpression') return [`(${joined(left)} ${text.operator} ${joined(right)})`]
  if (text.type !== 'ConditionalExpression') return parts.flat()
  return [`(${code.slice(text.test.start, text.test.end)} ? ${joined(left)} : ${joined(right)})`]
}

function joined(values: readonly string[]): string {
  if (values.length > 1) return `\`${values.map((value) => `\${${value}}`).join(' ')}\``
  return values[0] ?? "''"
}

/** A sum with a number is a value, and no composition. */
const isNumber = (node: ESTree.Node): boolean => node.type === 'Literal' && typeof node.value === 'number'

/** A string of one word is a value, such as the name of an option. */
const isProse = (node: ESTree.Node): boolean =>
  node.type === 'Literal' && typeof node.value === 'string' && (node.value === '' || /\s/.test(node.value))
