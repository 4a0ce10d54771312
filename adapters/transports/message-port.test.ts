import { describe, expect, test } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { probes, type Subject, testTransport } from '../../core/testing/index.js'
import { host, messagePort } from './message-port.js'

function open(): Subject {
  const { port1, port2 } = new MessageChannel()
  const dispatcher = new Dispatcher({ log: () => {} })
  host(probes, { port: port2, dispatcher })
  return { connector: messagePort(port1), crash: () => port2.close(), dispose: () => dispatcher.close() }
}

// Where ports have no close event, the heartbeat tells: a short one here.
testTransport({
  name: 'message-port',
  runner: { describe, test },
  open,
  limits: { trusted: { heartbeat: 1_000 } },
  skip: [
    {
      reason: 'both ends share the thread, so nothing is answered while it is busy',
      tests: ['reads what has come while the thread was busy before a deadline counts'],
    },
  ],
})

test('a port that was closed with its link is refused at once', async () => {
  const { port1, port2 } = new MessageChannel()
  await using far = new Dispatcher({ log: () => {} })
  await using near = new Dispatcher()
  host(probes, { port: port2, dispatcher: far })
  const peer = await near.connect(messagePort(port1))
  await peer.close()
  await expect(near.connect(messagePort(port1))).rejects.toMatchObject({ code: 'malformed', ran: 'no' })
})

test('something that is no port is refused at once', async () => {
  await using dispatcher = new Dispatcher()
  const element = typeof document === 'undefined' ? {} : document.createElement('iframe')
  for (const port of [{}, undefined, 'port', Promise.resolve(), element]) {
    const error = await dispatcher.connect(messagePort(port as never)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'malformed' })
    expect(String(error)).toContain("messagePort(iframe.contentWindow, { origin: 'https://example.org' })")
    expect(() => host(probes, { port: port as never })).toThrow(expect.objectContaining({ code: 'malformed' }))
  }
})
