import { describe, expect, test } from 'vitest'
import { Incoming } from './incoming.js'
import { Outgoing } from './outgoing.js'
import { headOf } from './pieces.js'

const piece = (length: number, isMore: boolean): Uint8Array => {
  const head = headOf(length, isMore)
  const body = new Uint8Array(head.length + length)
  body.set(head)
  return body
}
const nothing = (): void => {}

describe('what comes of one member', () => {
  test('has no small pieces that others follow, which would take much memory', () => {
    const incoming = new Incoming(1_000_000)
    expect(incoming.take(1, piece(0, true), nothing)).toBe('malformed')
    expect(incoming.take(1, piece(255, true), nothing)).toBe('malformed')
    expect(incoming.take(1, piece(256, true), nothing)).toBe('taken')
    expect(incoming.take(2, piece(0, false), nothing)).toBe('taken')
  })

  test('is small until the member is let in', () => {
    const incoming = new Incoming(1_000_000, false)
    expect(incoming.take(1, piece(65_537, false), nothing)).toBe('malformed')
    expect(incoming.take(1, piece(65_536, false), nothing)).toBe('taken')
    incoming.admit()
    expect(incoming.take(2, piece(1_000_000, false), nothing)).toBe('taken')
    expect(incoming.take(3, piece(1_000_001, false), nothing)).toBe('malformed')
  })
})

test('what goes to a member is sent again four times a second at most, however often it asks', async () => {
  let sent = 0
  let resent = 0
  const outgoing = new Outgoing({
    largest: 1_000,
    isUp: () => true,
    pack: () => new Uint8Array(10),
    publish: () => void sent++,
    resend: () => void resent++,
  })
  for (let n = 0; n < 10; n++) {
    outgoing.add(new Uint8Array(10))
    outgoing.flush()
  }
  for (let n = 0; n < 1_000; n++) outgoing.again()
  expect([sent, resent]).toEqual([10, 10])
  await expect.poll(() => resent).toBe(20)
  outgoing.again()
  outgoing.close()
  outgoing.again()
  expect(resent).toBe(20)
})
