import { expect, test, vi } from 'vitest'
import { Actor, Dispatcher, type Proxy, tell } from '../index.js'
import { single } from '../serving/listening.js'
import { PairEnd } from '../transport/pair.js'
import { UNREADABLE as LOST } from '../transport/transport.js'
import { adaptive } from '../wire/adaptive.js'

/** What no realm of these tests can read, as some cannot read a compiled module. */
const UNREADABLE = /unreadable/

/** One end of a link whose platform drops some values where they arrive, and says so. */
class Port extends PairEnd {
  protected override take(data: unknown): void {
    const isLost = Array.isArray(data) && data.some((value) => value instanceof RegExp && value.source === 'unreadable')
    super.take(isLost ? LOST : data)
  }
}

class Echo extends Actor {
  readonly heard: unknown[] = []
  echo(value: unknown): unknown {
    this.heard.push(value)
    return value
  }
  unreadable(): unknown {
    return { deep: UNREADABLE }
  }
  async *items(): AsyncGenerator<unknown> {
    try {
      yield 1
      yield UNREADABLE
    } finally {
      this.heard.push('ended')
    }
  }
  async wait(until: () => unknown): Promise<number> {
    await until()
    return this.heard.length
  }
}

class Waiter extends Echo {
  static concurrency = Infinity
}

async function linked(run: (echo: Proxy<Waiter>, near: Dispatcher) => Promise<void>): Promise<void> {
  const near = new Dispatcher({ log: () => {} })
  const far = new Dispatcher({ log: () => {} })
  const [a, b] = [new Port({ codec: adaptive }), new Port({ codec: adaptive })]
  a.meet(b)
  b.meet(a)
  await far.listen(single(b), { actors: { Waiter } })
  const peer = await near.connect<{ Waiter: typeof Waiter }>(a)
  await run(await peer.spawn('Waiter'), near)
  expect(near.info().peers).toMatchObject([{ pending: 0 }])
  await near.close()
  await far.close()
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

test('a call whose argument the other realm cannot read fails alone', () =>
  linked(async (echo) => {
    let go!: (value: unknown) => void
    const waiting = echo.wait(() => new Promise((resolve) => (go = resolve)))
    for (let round = 0; round < 3; round++) {
      const calls = [echo.echo(1), echo.echo(/readable/), echo.echo({ at: [UNREADABLE] }), echo.echo(/readable/)]
      expect(await Promise.all(calls.map(outcome))).toEqual([
        1,
        /readable/,
        expect.objectContaining({ code: 'uncloneable', ran: 'no' }),
        /readable/,
      ])
    }
    go(0)
    expect(await waiting).toBe(9)
  }))

test('a call whose outcome this realm cannot read fails alone', () =>
  linked(async (echo) => {
    for (let round = 0; round < 3; round++) {
      const [lost, found] = await Promise.all([outcome(echo.unreadable()), echo.echo(/readable/)])
      expect(lost).toMatchObject({ code: 'uncloneable', ran: 'maybe' })
      expect(found).toEqual(/readable/)
    }
  }))

test('a stream with an item that its reader cannot read ends', () =>
  linked(async (echo) => {
    const seen: unknown[] = []
    const read = async (): Promise<void> => {
      for await (const item of echo.items()) seen.push(item)
    }
    expect(await outcome(read())).toMatchObject({ code: 'uncloneable' })
    expect(seen).toEqual([1])
    await vi.waitFor(async () => expect(await echo.wait(() => {})).toBe(1))
  }))

test('a one-way message that the other realm cannot read is a dead letter', () =>
  linked(async (echo, near) => {
    const letters: unknown[] = []
    near.on('dead-letter', ({ reason }) => letters.push(reason))
    tell(echo).echo(UNREADABLE)
    tell(echo).echo(/readable/)
    expect(await echo.wait(() => {})).toBe(1)
    expect(letters).toMatchObject([{ code: 'uncloneable', ran: 'no' }])
  }))

test('an unreadable message of which nothing is known ends the link: no call hangs', async () => {
  const near = new Dispatcher({ log: () => {} })
  const far = new Dispatcher({ log: () => {} })
  class Broken extends PairEnd {
    breaks = false
    protected override take(data: unknown): void {
      super.take(this.breaks ? LOST : data)
    }
  }
  const [a, b] = [new PairEnd({}), new Broken({})]
  a.meet(b)
  b.meet(a)
  await far.listen(single(b), { actors: { Waiter } })
  const peer = await near.connect<{ Waiter: typeof Waiter }>(a)
  const echo = await peer.spawn('Waiter')
  b.breaks = true
  expect(await outcome(echo.echo(1))).toMatchObject({ code: 'unknown', cause: { code: 'malformed' } })
  await near.close()
  await far.close()
})
