import { expect, test } from 'vitest'
import { Actor, ask, Dispatcher, ended, read } from '../index.js'
import { group } from '../group/index.js'

class Sleeper extends Actor {
  static exposed = ['sleep', 'dreams']
  dreams = 0
  sleep(): Promise<never> {
    return new Promise(() => {})
  }
}

/** What is wrong as options with a time limit. */
const WRONG: unknown[] = [50, '50', null, { timeout: '50' }, { timeout: NaN }, { timeout: -1 }]

test.each(WRONG)('options that are wrong set no limit unnoticed: %j', async (wrong) => {
  await using dispatcher = new Dispatcher()
  const sleeper = await dispatcher.spawn(Sleeper)
  const malformed = expect.objectContaining({ code: 'malformed', ran: 'no' }) as Error
  const options = wrong as { timeout: number }
  expect(() => ask(sleeper, options)).toThrow(malformed)
  expect(() => ask(Promise.resolve(sleeper), options)).toThrow(malformed)
  expect(() => group(dispatcher, 'sleepers', options)).toThrow(malformed)
  await expect((async () => read(sleeper, 'dreams', options))()).rejects.toEqual(malformed)
  await expect(ended(sleeper, options)).rejects.toEqual(malformed)
  const { timeout: ttl } = Object(wrong) as { timeout?: number }
  await expect(dispatcher.lookup('nobody', (ttl === undefined ? wrong : { ttl }) as { ttl: number })).rejects.toEqual(
    malformed,
  )
})

test.each(['50', NaN, -1, null, {}])('a class whose time limit is %j has no actors', async (timeout) => {
  await using dispatcher = new Dispatcher()
  class Wrong extends Actor {
    static timeout = timeout
  }
  await expect(dispatcher.spawn(Wrong)).rejects.toMatchObject({ code: 'malformed', ran: 'no' })
})
