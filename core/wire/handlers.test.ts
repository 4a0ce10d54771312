import { single } from '../serving/listening.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ActorError, Dispatcher, type Proxy, same } from '../index.js'
import { pair } from '../transport/pair.js'
import { linkedPair, Probe, probes } from '../testing/index.js'
import { bytes } from './bytes.js'
import { type Handler, honourHandlers } from './handlers.js'

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

const point: Handler = {
  canHandle: (value) => value instanceof Point,
  serialize: (value) => [[(value as Point).x, (value as Point).y], []],
  deserialize: (value) => new Point(...(value as [number, number])),
}

const registered = new Map<string, Handler>()

beforeEach(() => {
  registered.clear()
  honourHandlers(registered, ['proxy'])
})
afterEach(() => honourHandlers(new Map(), []))

describe.each([
  ['clones', {}],
  ['bytes', { codec: bytes, payload: 'bytes', trusted: false }],
] as const)('over a link of %s', (_, ends) => {
  async function withProbe(body: (probe: Proxy<Probe>) => Promise<void>): Promise<void> {
    const link = await linkedPair({ ...ends, actors: probes, dispatcher: { log: () => {} } })
    await body(await link.peer.spawn('Probe'))
    expect(link.near.info().peers.map(({ pending }) => pending)).toEqual([0])
    await link.close()
  }

  test('a value of a registered kind arrives as what it was, wherever it is nested, and once', () =>
    withProbe(async (probe) => {
      registered.set('point', point)
      expect(await probe.echo(new Point(1, 2))).toEqual(new Point(1, 2))
      const shared = new Point(3, 4)
      const back = await probe.echo({ list: [shared, new Map([['k', shared]])] as const })
      expect(back.list[0]).toBeInstanceOf(Point)
      expect(back.list[1].get('k')).toBe(back.list[0])
    }))

  test('functions and streams may have a handler, proxies and excluded names never', () =>
    withProbe(async (probe) => {
      const canHandle = vi.fn<(value: unknown) => boolean>((value) => typeof value === 'function')
      registered.set('proxy', { ...point, canHandle: () => true })
      registered.set('fn', { canHandle, serialize: () => ['a function', []], deserialize: (value) => value })
      expect(await probe.echo(() => 1)).toBe('a function')
      expect(same(await probe.echo(probe), probe)).toBe(true)
      expect(canHandle.mock.calls.map(([value]) => typeof value)).toEqual(['function'])
    }))

  test('a handler that only one side has costs that call, named, and nothing else', () =>
    withProbe(async (probe) => {
      const other = probe.later(3)
      registered.set('point', point)
      const echoed = probe.echo([new Point(1, 2), new Point(1, 2)])
      registered.delete('point')
      const error = await echoed.catch((error: unknown) => error)
      expect(error).toMatchObject({ code: 'malformed', ran: 'no' })
      expect((error as ActorError).message).toMatch(/'point'.*import 'troupe\/comlink'/)
      expect(await other).toBe(3)
      expect(await probe.add(1, 1)).toBe(2)
    }))

  test('a handler that throws costs its call, on either side', () =>
    withProbe(async (probe) => {
      const broken = (): never => {
        throw new RangeError('broken')
      }
      registered.set('point', { ...point, serialize: broken })
      await expect(probe.echo(new Point(1, 2))).rejects.toMatchObject({ code: 'uncloneable', ran: 'no' })
      registered.set('point', { ...point, deserialize: broken })
      await expect(probe.echo(new Point(1, 2))).rejects.toMatchObject({
        code: 'malformed',
        cause: expect.objectContaining({ message: 'broken' }) as Error,
      })
      let reads = 0
      registered.set('point', { ...point, deserialize: (value) => (++reads > 1 ? broken() : point.deserialize(value)) })
      await expect(probe.echo(new Point(1, 2))).rejects.toMatchObject({ code: 'malformed', ran: 'maybe' })
      expect(await probe.add(1, 1)).toBe(2)
    }))

  test('a buffer that serialize hands over is moved where it can be', () =>
    withProbe(async (probe) => {
      const buffer = new Uint8Array(8).fill(7).buffer
      registered.set('point', { ...point, serialize: () => [{ buffer }, [buffer]], deserialize: (value) => value })
      const back = (await probe.echo<unknown>(new Point(0, 0))) as { buffer: ArrayBuffer }
      expect([...new Uint8Array(back.buffer)]).toEqual([7, 7, 7, 7, 7, 7, 7, 7])
      expect(buffer.byteLength).toBe('codec' in ends ? 8 : 0)
    }))
})

describe('a handler that makes ports', () => {
  let made: MessageChannel
  beforeEach(() => {
    made = new MessageChannel()
    registered.set('port', {
      canHandle: (value) => value instanceof Point,
      serialize: () => [made.port2, [made.port2]],
      deserialize: (port) => ((port as MessagePort).postMessage('hello'), 'taken'),
    })
  })
  afterEach(() => made.port1.close())

  test('has them moved to where ports can go', async () => {
    const link = await linkedPair({ actors: probes })
    const hello = new Promise((resolve) => (made.port1.onmessage = ({ data }) => resolve(data)))
    expect(await (await link.peer.spawn('Probe')).describe(new Point(0, 0))).toBe('[object String]')
    expect(await hello).toBe('hello')
    await link.close()
  })

  test('leaves none behind where only bytes can go', async () => {
    const link = await linkedPair({ actors: probes, codec: bytes, payload: 'bytes' })
    const close = vi.spyOn(made.port2, 'close')
    const sent = (await link.peer.spawn('Probe')).describe({ list: [new Point(0, 0)] })
    await expect(sent).rejects.toMatchObject({ code: 'uncloneable', ran: 'no' })
    await expect(sent).rejects.toThrow('.list[0]')
    expect(close).toHaveBeenCalledOnce()
    await link.close()
  })
})

test('handlers see nothing of what stays in the realm', async () => {
  const canHandle = vi.fn<(value: unknown) => boolean>(() => true)
  registered.set('point', { ...point, canHandle })
  await using dispatcher = new Dispatcher()
  const here = new Point(1, 2)
  expect(await (await dispatcher.spawn(Probe)).echo(here)).toBe(here)
  expect(canHandle).not.toHaveBeenCalled()
})

test('what a peer asks for with a value that cannot be made here is not done', async () => {
  const ran = vi.fn<(value: unknown) => void>()
  const near = new Dispatcher()
  const far = new Dispatcher()
  const [a, b] = pair()
  await far.listen(single(b), { functions: { take: ran } })
  const peer = await near.connect(a)
  registered.set('point', {
    ...point,
    deserialize: () => {
      throw new RangeError('not here')
    },
  })
  await expect(peer.run('take', new Point(1, 2))).rejects.toMatchObject({ code: 'malformed' })
  expect(ran).not.toHaveBeenCalled()
  await near.close()
  await far.close()
})
