import { expect, test } from 'vitest'
import { Actor, type ActorError, ask, Dispatcher, type Proxy, stop } from '../index.js'
import { linkedPair } from '../testing/index.js'

const log = (): void => {}
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: ActorError) => error)
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

class Walker extends Actor {
  /** Calls another actor after it waited. */
  async walk(other: Proxy<Walker>, ...rest: Proxy<Walker>[]): Promise<string> {
    await later()
    const [next, ...others] = rest
    return next ? other.walk(next, ...others) : other.end()
  }
  async waits(other: Proxy<Walker>, started: () => void): Promise<void> {
    await later()
    await other.hang(started)
  }
  async call(fn: () => unknown): Promise<unknown> {
    return fn()
  }
  async leave(): Promise<string> {
    await later()
    await stop(this.context.self)
    return 'said before the end'
  }
  async left(other: Proxy<Walker>): Promise<number> {
    await later()
    return other.deadline()
  }
  deadline(): number {
    return this.context.deadline
  }
  end(): string {
    return 'end'
  }
  hang(started: () => void): Promise<void> {
    const { signal } = this.context
    started()
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
  }
}

test('a call that a handler makes after an await would wait for itself: refused, with the names', async () => {
  await using dispatcher = new Dispatcher({ log, follow: true })
  const [a, b] = [await dispatcher.spawn(Walker, { name: 'a' }), await dispatcher.spawn(Walker, { name: 'b' })]
  expect(await outcome(a.walk(a))).toMatchObject({ code: 'cycle', message: expect.stringContaining('/a → /a') })
  expect(await outcome(a.walk(b, a))).toMatchObject({ code: 'cycle', message: expect.stringContaining('/a → /b → /a') })
  // Handlers of several actors go on side by side, and none is taken for another.
  const c = await dispatcher.spawn(Walker)
  expect(await Promise.all([a.walk(b, c), b.walk(c), a.walk(c), a.walk(b)])).toEqual(['end', 'end', 'end', 'end'])
  expect(await a.leave()).toBe('said before the end')
})

test('a call after an await has the deadline of its handler, and is given up with it', async () => {
  await using dispatcher = new Dispatcher({ log, follow: true })
  const [a, b] = [await dispatcher.spawn(Walker), await dispatcher.spawn(Walker)]
  expect(await ask(a, { timeout: 5_000 }).left(b)).toBeLessThanOrEqual(5_000)
  expect(await a.left(b)).toBe(Infinity)
  const controller = new AbortController()
  let call: Promise<unknown> | undefined
  await new Promise<void>((started) => {
    call = outcome(ask(a, { signal: controller.signal }).waits(b, started))
  })
  controller.abort()
  expect(await call).toMatchObject({ code: 'aborted' })
  expect(await b.end()).toBe('end')
})

test('a callback that waits before it calls the actor that waits for it is followed over a link', async () => {
  const { near, peer, close } = await linkedPair({ actors: { Walker }, dispatcher: { log, follow: true } })
  const walker = await peer.spawn('Walker')
  const back = async (): Promise<unknown> => {
    await later()
    return walker.end()
  }
  expect(await outcome(walker.call(back))).toMatchObject({ code: 'cycle' })
  const here = await near.spawn(Walker)
  expect(await here.walk(walker)).toBe('end')
  expect(await outcome(here.walk(walker, here))).toMatchObject({ code: 'cycle' })
  await close()
})

test('what goes on after a handler has answered is nobody’s', async () => {
  await using dispatcher = new Dispatcher({ log, follow: true })
  let told: (outcome: unknown) => void = log
  const after = new Promise((resolve) => (told = resolve))
  class Leaving extends Walker {
    start(): void {
      void later()
        .then(() => (this.context.self as Proxy<Walker>).end())
        .then(told, told)
    }
  }
  const leaving = await dispatcher.spawn(Leaving)
  await ask(leaving, { timeout: 1_000 }).start()
  expect(await after).toBe('end')
})
