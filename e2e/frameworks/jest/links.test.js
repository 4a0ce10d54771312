/** @jest-environment jest-fixed-jsdom */
// The environment jsdom has no structuredClone, which links within one realm copy with.
import { jest } from '@jest/globals'
import { linkedPair } from 'troupe/testing'
import { Ledger } from './ledger.js'

afterEach(() => jest.useRealTimers())

test('a linked pair is made and answers while timers are fake', async () => {
  jest.useFakeTimers()
  const { peer, close } = await linkedPair({ actors: { Ledger } })
  const ledger = await peer.spawn('Ledger')
  expect(await ledger.add(1, 2)).toBe(3)
  expect(await ledger.describe(new Uint8Array(4))).toBe('[object Uint8Array]')
  await close()
})
