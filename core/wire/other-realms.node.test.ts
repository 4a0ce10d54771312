import { createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { Actor, Dispatcher, type Proxy } from '../index.js'
import { linkedPair } from '../testing/index.js'
import { bytes } from './bytes.js'

class Echo extends Actor {
  echo(value: unknown): unknown {
    return value
  }
}

const context = createContext({})
const foreign = (code: string): unknown => runInContext(`(${code})`, context)

type Subject = Proxy<Echo>
const linked = async (options: object = {}): Promise<Subject> =>
  (await (await linkedPair({ actors: { Echo }, ...options })).peer.spawn('Echo')) as unknown as Subject

describe.each<[string, () => Promise<Subject>]>([
  ['a link that clones', linked],
  ['a link of bytes', () => linked({ codec: bytes, payload: 'bytes' })],
  ['a realm that isolates', () => new Dispatcher({ isolate: true }).spawn(Echo)],
])('values that another JavaScript realm made, over %s', (_, open) => {
  test.each<[string, unknown]>([
    ['new Uint8Array([1, 2])', Uint8Array.of(1, 2)],
    ['new Uint16Array([1, 2, 3]).subarray(1)', Uint16Array.of(2, 3)],
    ['new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)', new DataView(Uint8Array.of(2, 3).buffer)],
    ['new (class extends Uint8Array {})([1, 2])', Uint8Array.of(1, 2)],
    ['new Uint8Array([1, 2]).buffer', Uint8Array.of(1, 2).buffer],
    ['new Map([[1, { deep: [2] }]])', new Map([[1, { deep: [2] }]])],
    ['new (class extends Map { get [Symbol.toStringTag]() { return "Mine" } })([[1, 2]])', new Map([[1, 2]])],
    ['new Set([1])', new Set([1])],
    ['new Date(7)', new Date(7)],
    ['new (class extends Date { get [Symbol.toStringTag]() { return "Mine" } })(7)', new Date(7)],
    ['{ list: [1, { of: 2 }] }', { list: [1, { of: 2 }] }],
  ])('%s arrives as if it was made here', async (code, expected) => {
    const actor = await open()
    const arrived = await actor.echo(foreign(code))
    expect(arrived).toStrictEqual(expected)
    expect(Object.getPrototypeOf(arrived)).toBe(Object.getPrototypeOf(expected))
  })

  test('errors keep their class', async () => {
    const actor = await open()
    for (const Class of [Error, TypeError, RangeError, AggregateError]) {
      const code = Class === AggregateError ? 'new AggregateError([1], "m")' : `new ${Class.name}("m")`
      const arrived = (await actor.echo(foreign(code))) as Error
      expect(Object.getPrototypeOf(arrived)).toBe(Class.prototype)
      expect([arrived.name, arrived.message]).toEqual([Class.name, 'm'])
    }
    const own = await actor.echo(foreign('new (class Own extends TypeError { name = "Own" })("m")'))
    expect(own).toBeInstanceOf(TypeError)
    expect(own).toMatchObject({ name: 'Own', message: 'm' })
  })
})

test('frames may be buffers and views that another JavaScript realm made', () => {
  const frame = [...(bytes.sink().take().data as Uint8Array), 5]
  for (const code of [`new Uint8Array([${frame.join()}])`, `new Uint8Array([${frame.join()}]).buffer`])
    expect(bytes.source(foreign(code), Infinity).read()).toBe(5)
  expect(() => bytes.source(foreign('{}'), Infinity)).toThrow('a frame is not binary')
})
