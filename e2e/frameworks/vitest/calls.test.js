import { ActorError, Dispatcher } from 'troupe'
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
    vi.useRealTimers()
    await dispatcher.close()
  })

  test('answers, also while timers are fake', async () => {
    expect(await ledger.add(1, 2)).toBe(3)
    vi.useFakeTimers()
    expect(await ledger.add(1, 2)).toBe(3)
    const sums = await Promise.all(Array.from({ length: 1_000 }, (_, n) => ledger.add(n, 1)))
    expect(sums.at(-1)).toBe(1_000)
  })

  test('streams', async () => {
    const seen = []
    for await (const n of ledger.count(100)) {
      seen.push(n)
      if (n === 5) break
    }
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  test('throws errors of this realm', async () => {
    const error = await ledger.fail().catch((reason) => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe('refused')
    const refusal = await ledger.nothing().catch((reason) => reason)
    expect(refusal).toBeInstanceOf(ActorError)
    expect(refusal.code).toBe('not-exposed')
  })

  test('gets no message from matchers and snapshots', async () => {
    expect(ledger).toBe(ledger)
    expect(ledger).toEqual(ledger)
    expect({ ledger }).toStrictEqual({ ledger })
    expect(ledger).not.toEqual({ add: 1 })
    expect(ledger).not.toMatchObject({ add: 1 })
    expect(ledger).toMatchSnapshot('a proxy')
    expect(await ledger.calls()).toBe(0)
  })
})

test('values that the realm of jsdom made arrive as what they are', async () => {
  const dispatcher = new Dispatcher()
  const ledger = await PLACES['on a server'](dispatcher)
  const made = jsdom.window.eval(`({
    Uint8Array: new Uint8Array([1, 2]),
    Float64Array: new Float64Array([0.5]),
    DataView: new DataView(new ArrayBuffer(1)),
    ArrayBuffer: new ArrayBuffer(2),
    Date: new Date(0),
    Map: new Map([[1, 2]]),
    Set: new Set([1]),
    Error: new RangeError('far'),
  })`)
  for (const [name, value] of Object.entries(made)) expect(await ledger.describe(value), name).toBe(`[object ${name}]`)
  const echoed = await ledger.echo(made)
  for (const [name, value] of Object.entries(echoed)) expect(value, name).toBeInstanceOf(globalThis[name])
  expect(echoed.Error).toBeInstanceOf(RangeError)
  expect([...echoed.Uint8Array, ...echoed.Float64Array]).toEqual([1, 2, 0.5])

  const reader = new FileReader()
  reader.readAsArrayBuffer(new File(['ab'], 'a.txt'))
  await new Promise((loaded) => reader.addEventListener('load', loaded))
  expect(await ledger.describe(reader.result)).toBe('[object ArrayBuffer]')
  await dispatcher.close()
})
