import { expect, test } from 'vitest'
import { Dispatcher, ended } from '../index.js'
import { sharded } from './index.js'

test('a call that waits when the dispatcher closes settles, and leaves no timer that keeps the process alive', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  const dispatcher = new Dispatcher({ log: () => {} })
  const call = sharded<{ say(): Promise<void> }>(dispatcher, 'Room').get('a').say()
  const refusal = call.catch((error: unknown) => error)
  await dispatcher.close()
  expect(await refusal).toMatchObject({ code: 'stopped', ran: 'no' })
  await new Promise(setImmediate)
  expect(timers()).toBeLessThanOrEqual(before)
})

test('a proxy of a key ends with its dispatcher, also for those who watch it later', async () => {
  const dispatcher = new Dispatcher({ log: () => {} })
  const room = sharded<{ say(): Promise<void> }>(dispatcher, 'Room').get('a')
  const end = ended(room)
  await dispatcher.close()
  for (const reason of [await end, await ended(room)]) expect(reason).toMatchObject({ code: 'stopped' })
})
