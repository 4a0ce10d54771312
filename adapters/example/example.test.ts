import { test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { Counter } from './counter.js'
import { example } from './example.js'

test('the example runs in this realm', async () => {
  await using dispatcher = new Dispatcher()
  await example(dispatcher, await dispatcher.spawn(Counter, { name: 'counter', args: [10] }))
})
