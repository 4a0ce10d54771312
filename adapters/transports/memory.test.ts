import { describe, test } from 'vitest'
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

const runner = { describe, test }
testTransport({ name: 'memory', runner, trials: 600, open: () => open({}) })
testTransport({ name: 'memory, as bytes', runner, trials: 600, open: () => open({ codec: bytes, payload: 'bytes' }) })
testTransport({
  name: 'memory, untrusted',
  runner,
  trials: 600,
  open: () => open({ codec: bytes, payload: 'bytes', trusted: false }),
})
