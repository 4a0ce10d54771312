import { afterEach, describe, expect, test, vi } from 'vitest'
import { Dispatcher } from '../../core/index.js'
import { probes, type Subject, testTransport } from '../../core/testing/index.js'
import { host, messagePort } from './message-port.js'

const script = new URL('../fixtures/frame.ts', import.meta.url).href

/** A frame that hosts the probes for this page. */
function newFrame(): HTMLIFrameElement {
  const frame = document.createElement('iframe')
  frame.srcdoc = `<script type="module" src="${script}"></script>`
  document.body.append(frame)
  return frame
}

afterEach(() => {
  for (const frame of document.querySelectorAll('iframe')) frame.remove()
})

function open(): Subject {
  const frame = newFrame()
  return { connector: messagePort(frame.contentWindow!, { origin }), crash: () => frame.remove() }
}

testTransport({ name: 'window', runner: { describe, test }, open })

/** A message of an origin that no page here has, as the platform would deliver it. */
const from = (source: Window, data: unknown, origin = 'https://elsewhere.example'): void =>
  void dispatchEvent(new MessageEvent('message', { source, origin, data }))

describe('a window', () => {
  test('needs the exact origin of its page', () => {
    const { contentWindow: port } = newFrame()
    const refused = (origin: string | undefined): void => {
      for (const use of [
        () => messagePort(port!, { origin: origin! }),
        () => host({}, { port: port!, origin: origin! }),
      ])
        expect(use, String(origin)).toThrow(expect.objectContaining({ code: 'origin', ran: 'no' }))
    }
    for (const origin of ['*', '/', '', undefined, 'null', 'example.org', 'https://']) refused(origin)
    refused('https://example.org/')
    refused('https://example.org/path')
    refused('https://EXAMPLE.org')
    refused('https://example.org:443')
    expect(() => messagePort(port!, { origin: 'https://example.org/path' })).toThrow(
      "{ origin: 'https://example.org' }",
    )
    for (const origin of ['https://example.org', 'http://localhost:5173', 'capacitor://localhost'])
      expect(messagePort(port!, { origin }).open).toBeTypeOf('function')
    // @ts-expect-error -- a window without its origin
    expect(() => messagePort(port!)).toThrow('no origin')
    // @ts-expect-error -- the same
    expect(() => host({}, { port: port! })).toThrow('no origin')
  })

  test('is linked again and again, by several at once, and after its page was loaded anew', async () => {
    const frame = newFrame()
    const connector = messagePort(frame.contentWindow!, { origin })
    await using one = new Dispatcher({ id: 'one' })
    await using two = new Dispatcher({ id: 'two' })
    const first = await one.connect<typeof probes>(connector)
    const second = await two.connect<typeof probes>(connector)
    expect(second.id).toBe(first.id)
    expect(await (await first.spawn('Probe')).from()).toMatchObject({ peer: 'one' })
    expect(await (await second.spawn('Probe')).from()).toMatchObject({ peer: 'two' })
    await first.close()
    const again = await one.connect<typeof probes>(connector)
    expect(again.id).toBe(first.id)
    frame.srcdoc += ' '
    expect(await again.closed).toMatchObject({ code: 'unreachable' })
    const anew = await one.connect<typeof probes>(connector)
    expect(anew.id).not.toBe(first.id)
    expect(await (await anew.spawn('Probe')).add(1, 2)).toBe(3)
  })

  test('of another origin is neither answered nor believed', async () => {
    const { contentWindow } = newFrame()
    const frame = contentWindow!
    const said = vi.spyOn(frame, 'postMessage')
    const authorize = vi.fn<() => boolean>(() => true)
    await using dispatcher = new Dispatcher({ log: () => {} })
    host(probes, { dispatcher, port: frame, origin, authorize })
    await expect.poll(() => said.mock.calls.length).toBe(1)
    const knock = { troupe: 'knock', from: 'somebody' }
    from(frame, knock)
    from(window, knock, origin)
    for (const data of [
      null,
      'knock',
      { troupe: 'knock' },
      { ...knock, from: 'x'.repeat(65) },
      { troupe: 'other', from: 'x' },
    ])
      from(frame, data, origin)
    expect(said).toHaveBeenCalledTimes(1)
    from(frame, knock, origin)
    expect(said).toHaveBeenCalledTimes(1)
    await expect.poll(() => said.mock.calls.length).toBeGreaterThan(1)
    for (const [, target] of said.mock.calls) expect(target).toBe(origin)
    expect(dispatcher.peers).toEqual([])
    expect(authorize).not.toHaveBeenCalled()
  })

  test('that knocks without end is not let in without end', async () => {
    const { contentWindow } = newFrame()
    const said = vi.spyOn(contentWindow!, 'postMessage')
    await using dispatcher = new Dispatcher({ log: () => {} })
    host(probes, { dispatcher, port: contentWindow!, origin })
    await expect.poll(() => said.mock.calls.length).toBe(1)
    for (let n = 0; n < 1_000; n++) from(contentWindow!, { troupe: 'knock', from: `${n}` }, origin)
    const answered = (): number => new Set(said.mock.calls.map(([note]) => (note as { to?: string }).to)).size - 1
    await expect.poll(answered).toBe(100)
  })

  test('that does not answer ends connect with handshake-timeout', async () => {
    const frame = document.createElement('iframe')
    document.body.append(frame)
    for (const named of [origin, 'https://elsewhere.example']) {
      await using dispatcher = new Dispatcher({ limits: { trusted: { handshake: 200 } } })
      await expect(dispatcher.connect(messagePort(frame.contentWindow!, { origin: named }))).rejects.toMatchObject({
        code: 'handshake-timeout',
        ran: 'no',
      })
    }
  })
})
