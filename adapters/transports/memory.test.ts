import { describe, expect, test } from 'vitest'
import { bytes } from '../../core/adapter.js'
import { Dispatcher } from '../../core/index.js'
import { probes, type Subject, testTransport } from '../../core/testing/index.js'
import { memory } from './memory.js'

async function open(options: Parameters<typeof memory>[0]): Promise<Subject> {
  const far = new Dispatcher({ log: () => {} })
  const [near, end] = memory(options)
  await far.listen(end, { actors: probes })
  return { connector: near, crash: () => end.close(), dispose: () => far.close() }
}

test('an end of memory() has one link, and refuses a second one at once', async () => {
  const [near, far] = memory()
  await using one = new Dispatcher()
  await using two = new Dispatcher()
  await using three = new Dispatcher()
  const connecting = one.connect<typeof probes>(near)
  const refused = { code: 'malformed', ran: 'no' }
  await expect(two.connect(near)).rejects.toMatchObject(refused)
  await expect(two.listen(near)).rejects.toMatchObject(refused)
  await three.listen(far, { actors: probes })
  await expect(three.listen(far)).rejects.toMatchObject(refused)
  const peer = await connecting
  expect(await (await peer.spawn('Probe')).add(1, 2)).toBe(3)
  await peer.close()
  await expect(one.connect(near)).rejects.toMatchObject(refused)
})

const runner = { describe, test }
testTransport({ name: 'memory', runner, trials: 600, open: () => open({}) })
testTransport({ name: 'memory, as bytes', runner, trials: 600, open: () => open({ codec: bytes, payload: 'bytes' }) })
testTransport({
  name: 'memory, untrusted',
  runner,
  trials: 600,
  open: () => open({ codec: bytes, payload: 'bytes', trusted: false }),
})
