import { describe, expect, test } from 'vitest'
import { Actor, Dispatcher, type Proxy, transfer } from '../index.js'
import { linkedPair } from '../testing/index.js'
import { flat } from './flat.js'

class Echo extends Actor {
  echo(value: unknown): unknown {
    return value
  }
  address(): URL {
    return new URL('http://a.test/')
  }
  isPort({ port }: { port: unknown }): boolean {
    return port instanceof MessagePort
  }
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
const refusal = (ran: string): object => expect.objectContaining({ code: 'uncloneable', ran }) as object

async function linked(): Promise<Proxy<Echo>> {
  const { peer } = await linkedPair({ actors: { Echo } })
  return (await peer.spawn('Echo')) as unknown as Proxy<Echo>
}
const isolated = (): Promise<Proxy<Echo>> => new Dispatcher({ isolate: true, log: () => {} }).spawn(Echo)

describe.each([
  ['over a link', linked],
  ['in a realm that isolates', isolated],
])('%s', (_, spawn) => {
  test('what the platform does not clone as itself is refused with its place, and costs nothing else', async () => {
    const actor = await spawn()
    const values = [
      new URL('http://a.test/'),
      new URLSearchParams('a=1'),
      new Headers(),
      new FormData(),
      new Response('x'),
      new Event('x'),
      new EventTarget(),
      new TextEncoder(),
      performance,
      new Intl.NumberFormat('en'),
      new MessageChannel().port1,
      (function* () {
        yield 1
      })(),
      [1].values(),
    ]
    for (const value of values) {
      const error = (await outcome(actor.echo({ list: [value] }))) as Error
      expect([String(value), error]).toEqual([String(value), refusal('no')])
      expect(error.message).toContain('.list[0]')
    }
    const generated = (await outcome(actor.echo([values.at(-2)]))) as Error
    expect(generated.message).toContain('a value of class Generator cannot be sent')
    expect(await outcome(actor.address())).toEqual(refusal('maybe'))
    expect(await actor.echo(1)).toBe(1)
  })

  test('a source of events is refused with what to send instead, whichever library made it', async () => {
    class Room extends EventTarget {
      name = 'lobby'
    }
    class Emitter {
      handlers = {}
      on(): void {}
      emit(): void {}
    }
    class Observable {
      source = 1
      '@@observable'(): this {
        return this
      }
    }
    const actor = await spawn()
    for (const value of [new Room(), new Emitter(), new Observable()]) {
      const error = (await outcome(actor.echo({ list: [value] }))) as Error
      expect(error).toEqual(refusal('no'))
      const name = value.constructor.name
      expect(error.message).toMatch(
        new RegExp(`a value of class ${name} cannot be sent; send its events by a callback or an async`),
      )
      expect(error.message).toContain('.list[0]')
    }
    expect(((await outcome(actor.echo(new Map().keys()))) as Error).message).toContain('Iterator cannot be sent')
    expect(await actor.echo({ on: 1, emit: 2, addEventListener: 3 })).toEqual({ on: 1, emit: 2, addEventListener: 3 })
  })

  test('what the platform clones arrives as what it is', async () => {
    const actor = await spawn()
    const wasm = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt'])
    expect(await actor.echo(wasm)).toBeInstanceOf(WebAssembly.Module)
    expect(await actor.echo(key)).toBeInstanceOf(CryptoKey)
    expect(await actor.echo(new Blob(['abc']))).toMatchObject({ size: 3 })
    expect(String(await actor.echo(/a+/g))).toBe('/a+/g')
    const { port1, port2 } = new MessageChannel()
    expect(await actor.isPort(transfer({ port: port1 }, [port1]))).toBe(true)
    port2.close()
  })

  test('an instance of a class of the user arrives as a plain object, also where the class is global', async () => {
    class Point {
      x = 1
    }
    class Empty {}
    Object.assign(globalThis, { Point, Empty })
    const actor = await spawn()
    expect(await actor.echo([new Point(), new Empty()])).toStrictEqual([{ x: 1 }, {}])
    Reflect.deleteProperty(globalThis, 'Point')
    Reflect.deleteProperty(globalThis, 'Empty')
  })

  test('a map may have any object as a key', async () => {
    const actor = await spawn()
    const bare = Object.create(null) as object
    const arrived = (await actor.echo(
      new Map<unknown, unknown>([
        [bare, 1],
        [actor, 2],
        [actor.echo, 3],
      ]),
    )) as Map<unknown, unknown>
    expect([...arrived.values()]).toEqual([1, 2, 3])
    expect([...arrived.keys()][0]).toEqual({})
    const error = (await outcome(actor.echo(new Map([[bare, Symbol('s')]])))) as Error
    expect(error).toEqual(refusal('no'))
    expect(error.message).toContain('at value[0]')
  })
})

test('a value that the platform turned into something else on the way costs its message, not the link', async () => {
  const lossy: typeof flat = {
    ...flat,
    source: (data, limit) =>
      flat.source(
        (data as unknown[]).map((token) => (token instanceof Blob ? {} : token)),
        limit,
      ),
  }
  const { peer } = await linkedPair({ actors: { Echo }, codec: lossy })
  const actor = await peer.spawn('Echo')
  expect(await outcome(actor.echo(new Blob(['abc'])))).toMatchObject({ code: 'malformed', ran: 'no' })
  expect(await actor.echo(1)).toBe(1)
})

test('a signal and streams that are none are refused, and say nothing of those that are', async () => {
  const actor = await linked()
  for (const { prototype } of [AbortSignal, ReadableStream, WritableStream])
    expect(await outcome(actor.echo(Object.create(prototype)))).toEqual(refusal('no'))
  for (const value of [new AbortController().signal, new ReadableStream(), new WritableStream()])
    expect(Object.prototype.toString.call(await actor.echo(value))).toBe(Object.prototype.toString.call(value))
})
