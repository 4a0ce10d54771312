import { actor } from '../actor/plain.js'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Dispatcher } from '../index.js'

test('a proxy is printed by its kind and path', async () => {
  class Counter {}
  await using dispatcher = new Dispatcher()
  const counter = await dispatcher.spawn(actor(Counter), { name: 'clicks' })
  expect(inspect(counter)).toBe('Proxy(Counter /clicks)')
  expect(inspect({ counter: (await dispatcher.lookup('clicks'))! })).toBe('{ counter: Proxy(Counter /clicks) }')
})
