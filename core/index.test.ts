import { expect, test } from 'vitest'
import * as adapter from './adapter.js'
import * as core from './index.js'
import * as interceptors from './interceptors/index.js'
import * as moving from './moving/index.js'
import * as testing from './testing/index.js'

const names = (module: object): string => Object.keys(module).sort().join(' ')

test('each entry exports what it says, and nothing else', () => {
  expect(names(core)).toBe(
    'Actor ActorError Dispatcher actor address ask ended info isAlive kill linkFates monitor ping read reference resume same stop suspend tell transfer write',
  )
  expect(names(adapter)).toBe(
    'ActorError Channel adaptive bus bytes checkMilliseconds flat hostOn inline isSameBytes keyOf leadership listener listening paced pair resuming returning sessions sharedHost single takePart takeShortcuts',
  )
  expect(names(interceptors)).toBe('after around before intercept interceptor logging rateLimit tag timing validate')
  expect(names(moving)).toBe('movable move')
  expect(names(testing)).toBe(
    'Probe SimulationFailure explore firstMember linkedPair liveness probes randomOracle replayOracle safety searchOracles simulate testStore testTransport trial virtualClock',
  )
})
