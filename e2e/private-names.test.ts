import { expect, test } from 'vitest'
import { withShortNames } from '../.ci/private-names.js'

test('private names become letters, the most used one first', () => {
  const code = `class Counter {
  #start = '#start'
  #count = this.#start.length
  static is = (value: object) => #count in value
  step = () => (this.#count += 1)
}`
  expect(withShortNames(code).toString()).toBe(`class Counter {
  #t = '#start'
  #e = this.#t.length
  static is = (value: object) => #e in value
  step = () => (this.#e += 1)
}`)
})

test('there are names for any number of fields, each another one', () => {
  const fields = Array.from({ length: 3_000 }, (_, index) => `#field${index} = 1`)
  const short = withShortNames(`class Large { ${fields.join('; ')} }`).toString()
  expect(new Set(short.match(/#\w+/g)).size).toBe(3_000)
})
