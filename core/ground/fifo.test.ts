import { expect, test } from 'vitest'
import { Fifo } from './fifo.js'

const item = (id: number): { id: number } => ({ id })

test('a fifo has the first of the items that are left, in whatever order the others are deleted', () => {
  const fifo = new Fifo<{ id: number }>()
  expect(fifo.first).toBeUndefined()
  const [a, b, c, d] = [item(1), item(2), item(3), item(4)]
  for (const each of [a, b, c]) fifo.add(each)
  expect(fifo.first).toBe(a)
  expect(fifo.delete(b)).toBe(true)
  expect(fifo.delete(b)).toBe(false)
  expect(fifo.first).toBe(a)
  fifo.delete(a)
  expect(fifo.first).toBe(c)
  fifo.add(d)
  fifo.delete(c)
  expect(fifo.first).toBe(d)
  fifo.delete(d)
  expect(fifo.first).toBeUndefined()
  fifo.add(a)
  expect([fifo.first, fifo.size, ...fifo]).toEqual([a, 1, a])
  // The first one goes to the end.
  fifo.add(b)
  fifo.delete(a)
  fifo.add(a)
  expect([fifo.first, ...fifo]).toEqual([b, b, a])
  fifo.delete(b)
  expect(fifo.first).toBe(a)
})
