// The Vite plugin of the build for bundlers, dist/lean: a class does not declare the public fields that its constructor
// sets anyway. TypeScript declares them, and no bundler leaves a declaration out. A field that begins as undefined is
// declared without that value.
import MagicString from 'magic-string'
import { type ESTree, parseSync, type Plugin, Visitor } from 'vite'

export function bareFields(): Plugin {
  return {
    name: 'bare-fields',
    renderChunk(code) {
      const short = withoutBareFields(code)
      return { code: short.toString(), map: short.generateMap({ hires: 'boundary' }) }
    },
  }
}

/**
 * The module without fields that have no value where they are declared, and get one in a statement of the constructor; and
 * without the value of fields that is undefined.
 */
export function withoutBareFields(code: string): MagicString {
  const short = new MagicString(code)
  const visit = ({ body: { body } }: ESTree.Class): void => {
    const set = new Set(body.flatMap(fieldsSetBy))
    for (const member of body) {
      if (member.type !== 'PropertyDefinition' || member.static || member.computed) continue
      const { key, value } = member
      if (value && isUndefined(value)) short.remove(key.end, value.end)
      if (value) continue
      if (member.key.type === 'Identifier' && set.has(member.key.name)) short.remove(member.start, member.end)
    }
  }
  new Visitor({ ClassDeclaration: visit, ClassExpression: visit }).visit(parseSync('module.js', code).program)
  return short
}

/** Whether it is `undefined`, or `void` of a literal. */
const isUndefined = (value: ESTree.Expression): boolean =>
  (value.type === 'Identifier' && value.name === 'undefined') ||
  (value.type === 'UnaryExpression' && value.operator === 'void' && value.argument.type === 'Literal')

/** The public fields of `this` that are assigned in the constructor whatever happens. */
function fieldsSetBy(member: ESTree.ClassElement): string[] {
  if (member.type !== 'MethodDefinition' || member.kind !== 'constructor') return []
  return (member.value.body?.body ?? []).flatMap((statement) => {
    if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'AssignmentExpression') return []
    const { left, operator } = statement.expression
    const isField = left.type === 'MemberExpression' && left.object.type === 'ThisExpression' && !left.computed
    return isField && operator === '=' && left.property.type === 'Identifier' ? [left.property.name] : []
  })
}
