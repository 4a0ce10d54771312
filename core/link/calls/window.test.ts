import { describe, expect, test } from 'vitest'
import { Actor, transfer } from '../../index.js'
import { linkedPair } from '../../testing/index.js'
import { adaptive } from '../../wire/adaptive.js'
import type { Codec } from '../../wire/codec.js'
import { flat } from '../../wire/flat.js'

class Reader extends Actor {
  sum(value: Uint8Array): number {
    return value.reduce((sum, byte) => sum + byte, 0)
  }
  port({ port }: { port: unknown }): boolean {
    return port instanceof MessagePort
  }
}

/** Far more calls at once than a peer that is not trusted admits. */
const MANY = 3_000

async function untrusted(codec: Codec) {
  const { peer } = await linkedPair({ actors: { Reader }, authorize: () => true, trusted: false, codec })
  return peer.spawn('Reader')
}

describe.each([
  ['arrays', flat],
  ['bytes and arrays', adaptive],
])('over %s', (_, codec) => {
  test('calls with binary data wait for their turn as all others do, as they were at the call', async () => {
    const reader = await untrusted(codec)
    const value = Uint8Array.of(1, 2)
    const sums = Array.from({ length: MANY }, () => reader.sum(value))
    value.fill(9)
    expect(new Set(await Promise.all(sums))).toEqual(new Set([3]))
  })

  test('what moves with a call that waits has left at the call, and arrives', async () => {
    const reader = await untrusted(codec)
    const before = Array.from({ length: MANY }, () => reader.sum(Uint8Array.of(1)))
    const buffer = Uint8Array.of(4, 5).buffer
    const { port1, port2 } = new MessageChannel()
    const sum = reader.sum(transfer(new Uint8Array(buffer), [buffer]))
    const isPort = reader.port(transfer({ port: port1 }, [port1]))
    expect(buffer.byteLength).toBe(0)
    expect([await sum, await isPort]).toEqual([9, true])
    await Promise.all(before)
    port2.close()
  })
})
