import { test, expect } from 'vitest'
import { Actor, Dispatcher, ask, tell, stop, transfer, address, same, ActorError } from './index.ts'
import { memory } from '../adapters/transports/memory.ts'
import { bytes, clonedBytes } from './wire/bytes.ts'
class Counter extends Actor {
  #count: number
  constructor(start = 0) { super(); this.#count = start }
  increment(by = 1) { return (this.#count += by) }
  async *countTo(n: number) { try { while (this.#count < n) yield this.increment() } finally { this.#count = -100 } }
  async each(fn: (n: number) => Promise<number>) { return (await fn(2)) + 1 }
  fail(what: unknown) { throw what }
  throwType(): number { throw Object.assign(new TypeError('x', { cause: new Error('deep') }), { extra: 1 }) }
  echo(x: any) { return x }
  me() { return this.context.self }
  slow() { return new Promise<string>((r) => { this.context.signal.addEventListener('abort', () => r('aborted')) }) }
}
for (const [name, options] of [['local', null], ['flat', {}], ['bytes', { codec: bytes, payload: 'bytes' }], ['cloned', { codec: clonedBytes }]] as any)
test(name, async () => {
  const d = new Dispatcher()
  let counter: any, far
  if (options) {
    far = new Dispatcher()
    const [a, b] = memory(options)
    await Promise.all([far.listen(b, { actors: { Counter } })])
    const peer = await d.connect<{ Counter: typeof Counter }>(a)
    expect(peer.actors).toEqual(['Counter'])
    counter = await peer.spawn('Counter', { name: 'counter', args: [10] })
  } else counter = await d.spawn(Counter, { name: 'counter', args: [10] })
  expect(await counter.increment(2)).toBe(12)
  tell(counter as any).increment()
  expect(await ask(counter, { timeout: 500 }).increment()).toBe(14)
  const got: number[] = []
  for await (const n of counter.countTo(20)) { got.push(n); if (n === 17) break }
  expect(got).toEqual([15, 16, 17])
  expect(await counter.increment()).toBe(-99)
  expect(await counter.each((n: number) => n * 2)).toBe(5)
  const e = await counter.throwType().catch((e: any) => e)
  expect(e).toBeInstanceOf(TypeError); expect(e.extra).toBe(1); expect(e.cause.message).toBe('deep')
  expect(await counter.fail(0).catch((e: any) => e)).toBe(0)
  const cyc: any = { a: [1, null, undefined, -0, 1.5, 1n << 80n, 'é\ud800', 'x'.repeat(100)], m: new Map([[{ k: 1 }, new Set([1])]]), d: new Date(5), u: new Uint16Array([1, 2, 3]), __proto__: null }
  cyc.self = cyc
  const back = await counter.echo(cyc)
  expect(back.self).toBe(back); expect(back.a).toEqual(cyc.a); expect(back.u).toEqual(cyc.u); expect(Object.is(back.a[3], -0)).toBe(true)
  const me = await counter.me()
  expect(same(me, counter)).toBe(true)
  expect(await counter.nope().catch((e: any) => e.code)).toBe('not-exposed')
  expect(await counter._x().catch((e: any) => e.code)).toBe('not-exposed')
  expect(await ask(counter, { timeout: 20 }).slow().catch((e: any) => e.code + e.ran)).toBe('timeoutmaybe')
  const found = await d.lookup<Counter>('counter')
  expect(same(found!, counter)).toBe(true)
  expect(await found!.increment()).toBe(-98)
  console.log(name, d.info(), far?.info())
  await stop(counter)
  expect(await counter.increment().catch((e: any) => e.code)).toBe('stopped')
  await d.close(); await far?.close()
  console.log(d.info(), far?.info())
})
