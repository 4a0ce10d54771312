import { expect, test } from 'vitest'
import { honourMark, isMarked } from './marks.js'

test('a mark counts once it is honoured, and only if it is exactly true', () => {
  const mark = Symbol('by reference')
  const marked = { [mark]: true }
  expect(isMarked(marked)).toBe(false)
  honourMark(mark)
  honourMark(mark)
  expect(isMarked(marked)).toBe(true)
  expect(isMarked(Object.assign(() => {}, marked))).toBe(true)
  for (const other of [1, 'true', {}, undefined]) expect(isMarked({ [mark]: other })).toBe(false)
  expect(isMarked(new Proxy({}, { get: () => ({}) }))).toBe(false)
})
