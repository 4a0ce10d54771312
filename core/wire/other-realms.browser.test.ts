import { expect, test } from 'vitest'
import { Actor, type Proxy } from '../index.js'
import { linkedPair } from '../testing/index.js'

class Reader extends Actor {
  fired(signal: AbortSignal): unknown {
    return signal.aborted && signal.reason
  }
  async first(stream: ReadableStream<unknown>): Promise<unknown> {
    return (await stream.getReader().read()).value
  }
  size(value: ArrayBufferView): number {
    return value instanceof Uint8Array ? value.byteLength : -1
  }
}

test('signals, streams and views of a frame in the page arrive as what they are', async () => {
  const frame = document.createElement('iframe')
  document.body.append(frame)
  const there = frame.contentWindow as unknown as typeof globalThis
  const { peer } = await linkedPair({ actors: { Reader } })
  const reader = (await peer.spawn('Reader')) as unknown as Proxy<Reader>
  expect(await reader.fired(there.AbortSignal.abort('enough'))).toBe('enough')
  const stream = new there.ReadableStream({ start: (controller) => controller.enqueue('chunk') })
  expect(await reader.first(stream)).toBe('chunk')
  expect(await reader.size(there.Uint8Array.of(1, 2))).toBe(2)
  frame.remove()
})
