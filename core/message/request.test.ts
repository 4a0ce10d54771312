import { describe, expect, test, vi } from 'vitest'
import {
  Actor,
  address,
  type Connector,
  Dispatcher,
  info,
  isAlive,
  kill,
  type Mailbox,
  ping,
  type Proxy,
  resume,
  stop,
  suspend,
} from '../index.js'
import { single } from '../serving/listening.js'
import { linkedPair, virtualClock } from '../testing/index.js'
import { returning } from '../peers/returning.js'
import { pair } from '../transport/pair.js'

const log = (): void => {}
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

class Idler extends Actor {
  add(a: number, b: number): number {
    return a + b
  }
  async call(fn: () => unknown): Promise<unknown> {
    return fn()
  }
}

/** A peer that takes what it is sent, and says nothing from `mute` on. */
async function silent(deadline?: number) {
  const clock = virtualClock()
  const [near, far] = pair()
  const there = new Dispatcher({ env: clock, log })
  const here = new Dispatcher({ env: clock, log, ...(deadline && { deadline }) })
  await there.listen(single(far), { actors: { Idler }, functions: { answer: () => 42 } })
  const peer = await here.connect<{ Idler: typeof Idler }>(near)
  const idler = await peer.spawn('Idler')
  return {
    clock,
    here,
    there,
    peer,
    idler,
    mute: () => vi.spyOn(far, 'send').mockImplementation(log),
    close: () => Promise.all([here.close({ mode: 'kill' }), there.close({ mode: 'kill' })]),
  }
}

describe('what is asked of a realm that does not answer', () => {
  test("settles with 'timeout' after the dispatcher's deadline, as a call does", async () => {
    const { clock, here, peer, idler, mute, close } = await silent(200)
    mute()
    const asked = [
      idler.add(1, 1),
      peer.spawn('Idler'),
      peer.lookup('x'),
      peer.names(),
      peer.run('answer'),
      peer.info(),
      here.lookup('x'),
      ping(idler),
      info(idler),
      suspend(idler),
      resume(idler),
      stop(idler),
      kill(idler),
    ].map(outcome)
    const alive = isAlive(idler)
    await clock.advance(250)
    for (const each of asked) expect(await each).toMatchObject({ code: 'timeout' })
    expect(await alive).toBe(false)
    await close()
    expect(clock.timers).toBe(0)
  })

  test('settles within the time that a stop was given', async () => {
    const { clock, idler, mute, close } = await silent()
    mute()
    const stopped = outcome(stop(idler, { timeout: 100 }))
    await clock.advance(6_000)
    expect(await stopped).toMatchObject({ code: 'timeout', ran: 'maybe' })
    await close()
  })

  test.each([true, false])('settles while the peer is being dialled again: trusted is %s', async (trusted) => {
    const clock = virtualClock()
    const [near, far] = pair({ trusted })
    const there = new Dispatcher({ env: clock, log })
    await there.listen(single(far), { actors: { Idler } })
    let dials = 0
    const connector: Connector = { returns: returning, open: () => (dials++ ? new Promise(() => {}) : near) }
    const here = new Dispatcher({ env: clock, log, deadline: 200 })
    const peer = await here.connect<{ Idler: typeof Idler }>(connector)
    const idler = await peer.spawn('Idler')
    far.close()
    await clock.advance(1)
    const asked = [peer.spawn('Idler'), ping(idler), stop(idler)].map(outcome)
    await clock.advance(250)
    for (const each of asked) expect(await each).toMatchObject({ code: 'timeout', ran: 'no' })
    expect(here.info().deadlines).toBe(0)
    await Promise.all([here.close(), there.close()])
    await clock.advance(60_000)
    expect(clock.timers).toBe(0)
  })

  test('leaves no actor behind whose spawn was given up', async () => {
    const { clock, there, idler, close } = await silent(200)
    let up = log
    class Slow extends Actor {
      override onStart(): Promise<void> {
        return new Promise((resolve) => (up = resolve))
      }
    }
    const [near, far] = pair()
    const here = new Dispatcher({ env: clock, log, deadline: 200 })
    await there.listen(single(far), { actors: { Slow } })
    const spawned = outcome((await here.connect<{ Slow: typeof Slow }>(near)).spawn('Slow'))
    await clock.advance(250)
    expect(await spawned).toMatchObject({ code: 'timeout', ran: 'maybe' })
    up()
    await clock.advance(1)
    expect(there.info().actors).toEqual([address(idler).id])
    await Promise.all([here.close(), close()])
  })
})

describe('what is asked here', () => {
  test('has the deadline of the dispatcher too: a start that takes longer fails', async () => {
    const clock = virtualClock()
    class Never extends Actor {
      override onStart(): Promise<void> {
        return new Promise(log)
      }
    }
    const dispatcher = new Dispatcher({ env: clock, log, deadline: 200 })
    const spawned = outcome(dispatcher.spawn(Never))
    await clock.advance(250)
    expect(await spawned).toMatchObject({ code: 'timeout', ran: 'maybe' })
    expect(dispatcher.info().actors).toEqual([])
    await dispatcher.close()
    expect(clock.timers).toBe(0)
  })

  test('settles when the dispatcher closes: a spawn whose mailbox never opens', async () => {
    let open = log
    const close = vi.fn<() => void>()
    const mailbox: Mailbox = {
      open: () => new Promise<void>((resolve) => (open = resolve)),
      put: () => undefined,
      take: () => undefined,
      size: 0,
      close,
    }
    const dispatcher = new Dispatcher({ log })
    const spawned = outcome(dispatcher.spawn(Idler, { mailbox }))
    await dispatcher.close({ mode: 'kill' })
    expect(await spawned).toMatchObject({ code: 'stopped', cause: 'the dispatcher closed' })
    // One that opens too late is closed.
    open()
    await expect.poll(() => close.mock.calls.length).toBe(1)
  })

  test('settles when its actor ends: info() whose onInfo never returns', async () => {
    let begun = log
    const begins = new Promise<void>((resolve) => (begun = resolve))
    class Shy extends Actor {
      override onInfo(): Promise<void> {
        begun()
        return new Promise(log)
      }
    }
    await using dispatcher = new Dispatcher({ log })
    const shy = await dispatcher.spawn(Shy)
    const asked = outcome(info(shy))
    await begins
    await kill(shy)
    expect(await asked).toMatchObject({ code: 'stopped' })
    expect(await info(shy)).toMatchObject({ state: 'terminated', extra: undefined })
  })
})

test('a call of a function settles when the actor that handed it out ends, or begins anew', async () => {
  class Owner extends Actor {
    async hand(to: Proxy<Idler>): Promise<void> {
      void outcome(this.context.ask(to).call(() => new Promise(log)))
    }
  }
  const { near, peer, close } = await linkedPair({ actors: { Idler }, dispatcher: { log } })
  for (const restart of ['temporary', 'transient'] as const) {
    const owner = await near.spawn(Owner, { restart })
    const idler = await peer.spawn('Idler')
    await owner.hand(idler)
    const behind = idler.add(1, 1)
    await ping(idler)
    await kill(owner)
    expect(await behind).toBe(2)
  }
  await close({ mode: 'kill' })
})
