import { expect, test, vi } from 'vitest'
import { Actor, Dispatcher, tell } from '../index.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

class Quiet extends Actor {
  boom(): never {
    throw new Error('boom')
  }
  hi(): string {
    return 'hi'
  }
}

test.each([
  [
    'throws',
    (): void => {
      throw new Error('listener')
    },
  ],
  [
    'rejects',
    async (): Promise<void> => {
      await undefined
      throw new Error('listener')
    },
  ],
])('a listener that %s goes to the log, and the others hear', async (_, listener) => {
  const log = vi.fn()
  const heard = vi.fn()
  await using dispatcher = new Dispatcher({ log })
  dispatcher.on('started', listener)
  dispatcher.on('started', heard)
  expect(await (await dispatcher.spawn(Quiet)).hi()).toBe('hi')
  expect(heard).toHaveBeenCalledTimes(1)
  await vi.waitFor(() => expect(log.mock.calls).toEqual([[expect.objectContaining({ error: new Error('listener') })]]))
})

// The runner fails where a rejection is handled by nobody.
test('a log that rejects has nowhere left to go', async () => {
  const log = vi.fn((): void => Promise.reject(new Error('no log')) as never)
  await using dispatcher = new Dispatcher({ log })
  const quiet = await dispatcher.spawn(Quiet)
  tell(quiet).boom()
  await vi.waitFor(() => expect(log).toHaveBeenCalledTimes(1))
  expect(await quiet.hi()).toBe('hi')
})

test('a listener of spawning that throws refuses the spawn', async () => {
  const log = vi.fn()
  let made = 0
  class Made extends Actor {
    constructor() {
      super()
      made++
    }
  }
  await using dispatcher = new Dispatcher({ log })
  const undo = dispatcher.on('spawning', () => {
    throw new Error('not here')
  })
  expect(await outcome(dispatcher.spawn(Made, { name: 'made' }))).toMatchObject({
    code: 'start-failed',
    cause: new Error('not here'),
  })
  expect(made).toBe(0)
  undo()
  await dispatcher.spawn(Made, { name: 'made' })
  expect(made).toBe(1)
  expect(log).not.toHaveBeenCalled()
})
