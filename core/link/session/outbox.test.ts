import { expect, test } from 'vitest'
import { TRUSTED } from '../../ground/limits.js'
import type { Transport } from '../../transport/transport.js'
import { adaptive } from '../../wire/adaptive.js'
import type { Codec } from '../../wire/codec.js'
import { Encoder } from '../../wire/encode.js'
import { flat } from '../../wire/flat.js'
import { Outbox } from './outbox.js'

/** An outbox whose posts are counted by the frames in them; a frame is one number here. */
function counted(codec: Codec = flat) {
  const posts: number[] = []
  const forms: string[] = []
  const tasks: (() => void)[] = []
  const send = (data: unknown): void => {
    posts.push((data as unknown[]).length)
    forms.push(Array.isArray(data) ? 'array' : 'bytes')
  }
  const transport = { codec, send } as Partial<Transport> as Transport
  const limits = { ...TRUSTED, frame: Infinity }
  const link = {
    transport,
    limits,
    realm: { env: { defer: (task: () => void) => void tasks.push(task) } },
    failed: (error: unknown) => {
      throw error
    },
  }
  const outbox = new Outbox(link, new Encoder({ export: () => false }, limits, true))
  outbox.useBatches()
  const call = (inFlight: number): void => {
    const sink = outbox.begin(inFlight)
    const start = sink.mark()
    sink.number(0)
    outbox.call(start, inFlight, 0)
  }
  const tell = (): void => {
    const sink = outbox.begin(1)
    const start = sink.mark()
    sink.number(0)
    outbox.tell(start)
  }
  return { posts, forms, outbox, call, tell, task: () => tasks.shift()?.(), turn: () => Promise.resolve() }
}

test('few calls leave at once, many at the end of the turn', async () => {
  const { posts, call, turn } = counted()
  for (let inFlight = 1; inFlight <= 100; inFlight++) call(inFlight)
  expect(posts).toEqual(Array.from({ length: 16 }, () => 1))
  await turn()
  // With the batch goes how many are in flight.
  expect(posts.slice(16)).toEqual([84 + 2])
})

test('the first one-way messages of a turn leave at once, after a turn of many together', async () => {
  const { posts, tell, turn } = counted()
  for (let n = 0; n < 100; n++) tell()
  await turn()
  expect(posts).toEqual([1, 1, 1, 1, 96])
  for (let n = 0; n < 100; n++) tell()
  await turn()
  expect(posts.slice(5)).toEqual([100])
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

test('a payload of few frames is an array, one of many is bytes', async () => {
  const { forms, call, turn } = counted(adaptive)
  for (let inFlight = 1; inFlight <= 16; inFlight++) call(inFlight)
  for (let n = 0; n < 200; n++) call(1_000)
  await turn()
  call(1)
  await turn()
  expect(forms).toEqual([...Array.from({ length: 16 }, () => 'array'), 'bytes', 'array'])
})

test('what was cut goes on in its own form, behind what waits', () => {
  const { posts, forms, call, outbox } = counted(adaptive)
  const form = outbox.begin(1)
  form.number(7)
  const cut = form.cut(0)
  for (let n = 0; n < 3; n++) call(100)
  expect(posts).toEqual([])
  outbox.resume(form).append(cut)
  outbox.call(0, 1, 0)
  // The three calls of before, and how many are in flight; then the one that was cut.
  expect([forms, posts]).toEqual([
    ['bytes', 'array'],
    [3 + 2, 1],
  ])
})
