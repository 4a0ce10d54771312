import { expect, test } from 'vitest'
import { withoutProse } from '../.ci/terse.js'

const short = (code: string): string => withoutProse(code).toString()

test.each([
  ["new ActorError('stopped', 'it is stopped')", "new ActorError('stopped', '')"],
  ["new ActorError('stopped', `${path} is stopped`, { cause })", "new ActorError('stopped', path, { cause })"],
  ["asActorError(error, 'malformed', `${a} and '${b}'`)", "asActorError(error, 'malformed', `${a} ${b}`)"],
  ["new ActorError(code, `no ${a}; ` + 'go on with ' + b)", 'new ActorError(code, `${a} ${b}`)'],
  ["new ActorError(code, isLate ? 'it is late' : `${a} is late`)", "new ActorError(code, (isLate ? '' : a))"],
  [
    "new ActorError(code, `a worker ${url ?? 'of no name'}${bad ? ' is bad' : ''}`)",
    "new ActorError(code, (url ?? ''))",
  ],
  ["encoder.refusal('uncloneable', `a ${type} cannot be sent`)", "encoder.refusal('uncloneable', type)"],
  ['new ActorError(code, `argument ${place + 1} of ${a}`)', 'new ActorError(code, `${place + 1} ${a}`)'],
  ['new ActorError(code, error.message)', 'new ActorError(code, error.message)'],
])('a text keeps its values: %s', (code, expected) => expect(short(code)).toBe(expected))

test('strings of one word are values', () => {
  const code = "new ActorError(code, value === null ? 'null' : typeof value)"
  expect(short(code)).toBe("new ActorError(code, (value === null ? 'null' : typeof value))")
})

test('a constant that is used in texts only is a text', () => {
  const code = (use: string): string => `{ const text = \`no \${a} there\`; ${use}; throw new ActorError(code, text) }`
  expect(short(code(''))).toContain('const text = a;')
  expect(short(code('log(text)'))).toBe(code('log(text)'))
})

test('what is given to a parameter that is used in texts only is a text', () => {
  expect(short("const bad = (text) => new ActorError(code, text); bad('a view is bad')")).toContain("bad('')")
  const method = (body: string): string =>
    `class A { #end(ms, why) { ${body} } close() { this.#end(1, \`it was \${a}\`) } }`
  expect(short(method('return new ActorError(code, `it ${why} now`)'))).toBe(
    'class A { #end(ms, why) { return new ActorError(code, why) } close() { this.#end(1, a) } }',
  )
  const checked = method('return why && new ActorError(code, why)')
  expect(short(checked)).toBe(checked)
})

test('other strings stay', () => {
  const code = "const text = 'not in an error'; throw new TypeError(`no ${text} here`)"
  expect(short(code)).toBe(code)
})
