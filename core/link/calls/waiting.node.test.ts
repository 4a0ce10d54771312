import { expect, test } from 'vitest'
import { Ask } from '../../message/ask.js'
import { collectUntil } from '../../testing/collect.js'
import { type Entry, EVERY, Waiting } from './waiting.js'

const entry = (index: number): Entry => {
  const message = new Ask('method', [], undefined, Infinity, undefined)
  return { message, index, head: 0, size: 1, frame: undefined }
}

/** Takes all that is there. */
function drain(queue: Waiting): number[] {
  const indexes: number[] = []
  for (let next = queue.take(); next; next = queue.take()) indexes.push(next.index)
  return indexes
}

test('the messages for one actor go behind those of another queue, in order', () => {
  const [from, to] = [new Waiting(), new Waiting()]
  for (const index of [1, 2, 1, 3, 2]) from.put(entry(index))
  to.put(entry(9))
  from.move(2, to)
  expect([from.size, to.size]).toEqual([3, 3])
  expect(drain(to)).toEqual([9, 2, 2])
  from.move(EVERY, to)
  expect([drain(from), drain(to)]).toEqual([[], [1, 1, 3]])
  expect([from.first, from.size, to.size]).toEqual([undefined, 0, 0])
})

test('a message that left is not kept while others wait', async () => {
  const queue = new Waiting()
  const left = (() => {
    for (const index of [1, 2, 3]) queue.put(entry(index))
    return new WeakRef(queue.take()!)
  })()
  await collectUntil(() => left.deref() === undefined)
  expect(queue.first?.index).toBe(2)
})
