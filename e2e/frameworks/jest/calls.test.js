import { jest } from '@jest/globals'
import { Dispatcher } from 'troupe'
import { webSocket } from 'troupe/websocket'
import { Ledger } from './ledger.js'

const PLACES = {
  'in this realm': (dispatcher) => dispatcher.spawn(Ledger),
  'on a server': async (dispatcher) => (await dispatcher.connect(webSocket(process.env.SERVER))).spawn('Ledger'),
}

describe.each(Object.keys(PLACES))('an actor %s', (place) => {
  let dispatcher
  let ledger

  beforeEach(async () => {
    dispatcher = new Dispatcher()
    ledger = await PLACES[place](dispatcher)
  })
  afterEach(async () => {
    jest.useRealTimers()
    await dispatcher.close()
  })

  test('answers', async () => {
    expect(await ledger.add(1, 2)).toBe(3)
    await expect(ledger.fail()).rejects.toThrow(TypeError)
    const echoed = await ledger.echo([new Uint8Array([1, 2]), new Map([[1, 2]])])
    expect(echoed).toEqual([new Uint8Array([1, 2]), new Map([[1, 2]])])
    expect(echoed[0]).toBeInstanceOf(Uint8Array)
  })

  test('answers while timers are fake', async () => {
    jest.useFakeTimers()
    expect(await ledger.add(1, 2)).toBe(3)
    const sums = await Promise.all(Array.from({ length: 1_000 }, (_, n) => ledger.add(n, 1)))
    expect(sums.at(-1)).toBe(1_000)
  })

  test('gets no message from matchers and snapshots', async () => {
    expect(ledger).toBe(ledger)
    expect(ledger).toEqual(ledger)
    expect({ ledger }).toStrictEqual({ ledger })
    expect(ledger).not.toEqual({ add: 1 })
    expect(ledger).not.toMatchObject({ add: 1 })
    expect([ledger]).toContainEqual(ledger)
    expect(ledger).toMatchSnapshot('a proxy')
    expect({ ledger }).toMatchSnapshot('a proxy in an object')
    const spy = jest.fn()
    spy(ledger)
    expect(spy).toHaveBeenCalledWith(ledger)
    // Behind all that was sent before it.
    expect(await ledger.calls()).toBe(0)
  })
})
