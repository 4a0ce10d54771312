import { expect, test } from 'vitest'
import { ActorError } from '../index.js'

test('what a code promises of the handler holds, whatever else is said', () => {
  const ran = (code: 'unreachable' | 'overloaded' | 'unknown' | 'stopped', said?: 'no' | 'maybe') =>
    new ActorError(code, 'text', said ? { ran: said } : {}).ran
  expect([ran('unreachable', 'maybe'), ran('overloaded', 'maybe'), ran('unknown', 'no')]).toEqual(['no', 'no', 'maybe'])
  expect([ran('stopped'), ran('stopped', 'maybe')]).toEqual(['no', 'maybe'])
})
