import { expect, test } from 'vitest'
import type { Transport } from '../transport.js'
import { flat } from '../wire/flat.js'
import { Outbox } from './outbox.js'

/** An outbox whose posts are counted by the frames in them; a frame is one number here. */
function counted() {
  const posts: number[] = []
  const tasks: (() => void)[] = []
  const send = (data: unknown): void => void posts.push((data as unknown[]).length)
  const transport = { codec: flat, send } as Partial<Transport> as Transport
  const outbox = new Outbox(
    transport,
    Infinity,
    (task) => void tasks.push(task),
    (error) => {
      throw error
    },
  )
  const call = (inFlight: number): void => {
    const start = outbox.sink.mark()
    outbox.sink.number(0)
    outbox.call(start, inFlight)
  }
  return { posts, call, task: () => tasks.shift()?.(), turn: () => Promise.resolve() }
}

test('few calls leave at once, many at the end of the turn', async () => {
  const { posts, call, turn } = counted()
  for (let inFlight = 1; inFlight <= 100; inFlight++) call(inFlight)
  expect(posts).toEqual(Array.from({ length: 16 }, () => 1))
  await turn()
  // With the batch goes how many are in flight.
  expect(posts.slice(16)).toEqual([84 + 2])
})

test('a crumb leaves with what comes next', async () => {
  const { posts, call, turn, task } = counted()
  call(1_000)
  await turn()
  for (let n = 0; n < 100; n++) call(1_000)
  expect(posts).toEqual([])
  await turn()
  expect(posts).toEqual([101 + 2])
  task()
  expect(posts).toHaveLength(1)
})

test('a crumb waits for one task at most', async () => {
  const { posts, call, turn, task } = counted()
  call(1_000)
  await turn()
  expect(posts).toEqual([])
  task()
  expect(posts).toEqual([1])
})
