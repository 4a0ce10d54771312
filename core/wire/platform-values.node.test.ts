import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import { createSecretKey, KeyObject } from 'node:crypto'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Actor, transfer } from '../index.js'
import { linkedPair } from '../testing/index.js'
import { bytes } from './bytes.js'

class Reader extends Actor {
  secret(key: unknown): string {
    return key instanceof KeyObject ? key.export().toString() : 'no key'
  }
  async size({ file }: { file: { stat(): Promise<{ size: number }>; close(): Promise<void> } }): Promise<number> {
    const { size } = await file.stat()
    await file.close()
    return size
  }
}

test('what Node clones or moves of its own arrives as what it is, and is refused where only bytes go', async () => {
  const { peer } = await linkedPair({ actors: { Reader } })
  const reader = await peer.spawn('Reader')
  expect(await reader.secret(createSecretKey(Buffer.from('secret')))).toBe('secret')
  const file = await open(fileURLToPath(import.meta.url))
  const { size } = await file.stat()
  expect(await reader.size(transfer({ file }, [file]) as never)).toBe(size)
  const narrow = await (await linkedPair({ actors: { Reader }, codec: bytes, payload: 'bytes' })).peer.spawn('Reader')
  await expect(narrow.secret(createSecretKey(Buffer.from('secret')))).rejects.toMatchObject({ code: 'uncloneable' })
})

test("Node's emitters, its streams of bytes and its process are refused by what they are", async () => {
  const { peer } = await linkedPair({ actors: { Reader } })
  const reader = await peer.spawn('Reader')
  const values = { EventEmitter: new EventEmitter(), Writable: new Writable(), process }
  for (const [name, value] of Object.entries(values)) {
    await expect(reader.secret(value)).rejects.toMatchObject({
      code: 'uncloneable',
      message: expect.stringContaining(`a value of class ${name} cannot be sent; send its events`) as string,
    })
  }
})
