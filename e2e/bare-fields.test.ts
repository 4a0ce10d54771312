import { expect, test } from 'vitest'
import { withoutBareFields } from '../.ci/bare-fields.js'

/** The members of a class that are left, without white space. */
const left = (members: string): string => {
  const code = withoutBareFields(`class Timer { ${members} }`).toString()
  return code.slice('class Timer {'.length, -1).replace(/\s+/g, '')
}

test('a field that the constructor sets is not declared', () => {
  expect(left('after; constructor(after) { this.after = after }')).toBe('constructor(after){this.after=after}')
})

test('a field is declared that the constructor may not set, that has a value, or that is private or static', () => {
  const constructor = 'constructor(a){if(a)this.sometimes=a;this.value=a;this.#own=a;this.shared=a;this.sum+=a}'
  const members = `sometimes;value=1;#own;staticshared;sum;never;${constructor}`
  expect(left(members.replace('static', 'static '))).toBe(members)
})

test('a field that begins as undefined is declared without a value', () => {
  expect(left('next = undefined; #due = void 0; last = null; none = void this.next')).toBe(
    'next;#due;last=null;none=voidthis.next',
  )
})
