import { expect } from 'vitest'
import { ask, type Dispatcher, type Proxy, same, stop, tell } from '../../core/index.js'
import type { Counter } from './counter.js'

/** The example of the guide, from the line after the spawn: it does not know where its counter runs. */
export async function example(dispatcher: Dispatcher, counter: Proxy<Counter>): Promise<void> {
  expect(await counter.increment(2)).toBe(12)
  tell(counter).increment()
  expect(await ask(counter, { timeout: 500 }).increment()).toBe(14)

  const seen: number[] = []
  for await (const n of counter.countTo(20)) {
    seen.push(n)
    if (n === 17) break
  }
  expect(seen).toEqual([15, 16, 17])
  expect(await counter.increment()).toBe(18)

  const found = await dispatcher.lookup<Counter>('counter')
  expect(found && same(found, counter)).toBe(true)
  expect(await dispatcher.lookup('nobody')).toBeUndefined()

  expect(await counter.map([1, 2, 3], (n) => n * n)).toEqual([1, 4, 9])
  const failure = await counter.fail().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(RangeError)
  expect(failure).toMatchObject({ message: 'too much', limit: 3, cause: { message: 'greed' } })
  expect(await counter.failWith(0).catch((error: unknown) => error)).toBe(0)

  const controller = new AbortController()
  const dawdling = ask(counter, { signal: controller.signal }).dawdle()
  controller.abort()
  await expect(dawdling).rejects.toMatchObject({ code: 'aborted' })
  await expect(ask(counter, { timeout: 30 }).dawdle()).rejects.toMatchObject({ code: 'timeout' })

  expect(await counter).toBe(counter)
  await stop(counter)
  await expect(counter.increment()).rejects.toMatchObject({ code: 'stopped', ran: 'no' })
}
