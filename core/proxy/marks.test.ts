import { expect, test } from 'vitest'
import { honourMark, markOf } from './marks.js'

const represent = (): never => {
  throw new Error('nobody asks for an actor here')
}

test('a mark counts once it is honoured, and only if it is exactly true', () => {
  const symbol = Symbol('by reference')
  const marked = { [symbol]: true }
  expect(markOf(marked)).toBeUndefined()
  honourMark(symbol, represent)
  honourMark(symbol, represent)
  expect(markOf(marked)).toBe(represent)
  expect(markOf(Object.assign(() => {}, marked))).toBe(represent)
  for (const other of [1, 'true', {}, undefined]) expect(markOf({ [symbol]: other })).toBeUndefined()
  expect(markOf(new Proxy({}, { get: () => ({}) }))).toBeUndefined()
})
