import { expect, test } from 'vitest'
import { virtualClock } from '../testing/index.js'
import type { Env } from './env.js'
import type { Expiring } from './expiring.js'
import { SharedTimeout } from './shared-timeout.js'

test.each([1, 20, 60, 100, 30_000])('is never early where the platform counts whole milliseconds: %i', async (ms) => {
  const clock = virtualClock()
  const setTimer: Env['setTimer'] = (fn, after, ...rest) => clock.setTimer(fn, Math.trunc(after), ...rest)
  const timeout = new SharedTimeout(Object.assign(Object.create(clock) as Env, { setTimer }), ms)
  let isOver = false
  const item = { list: undefined, earlier: undefined, later: undefined, expire: () => (isOver = true) }
  timeout.add(item as Expiring)
  await clock.advance(ms - 1)
  expect(isOver).toBe(false)
  await clock.advance(ms / 16 + 34)
  expect(isOver).toBe(true)
  timeout.stop()
  expect(clock.timers).toBe(0)
})
