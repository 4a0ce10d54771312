import { actor } from '../../actor/plain.js'
import { single } from '../../serving/listening.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Actor, address, Dispatcher, info, type Proxy, reference, same, stop } from '../../index.js'
import { pair } from '../../transport/pair.js'
import { collectUntil } from '../../testing/collect.js'
import { type LinkedPair, linkedPair, type Probe, probes } from '../../testing/index.js'
import { RawPeer } from '../../testing/raw-peer.js'
import { Op } from '../session/op.js'

type Linked = LinkedPair<typeof probes>

let realms: Linked
beforeEach(async () => {
  realms = await linkedPair({ actors: probes })
})
afterEach(() => realms.close())

const held = (dispatcher: Dispatcher): number => dispatcher.info().peers[0]!.exports
const holds = (dispatcher: Dispatcher): number => dispatcher.info().peers[0]!.imports
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)
/** Ids of the actors there. */
const there = (): readonly string[] => realms.far.info().actors

/** Spawns an actor and drops its proxy; the stack of this function is gone when it returns. */
async function spawned(options: { name?: string } = {}, use?: (probe: Proxy<Probe>) => unknown): Promise<string> {
  const probe = await realms.peer.spawn('Probe', options)
  await use?.(probe)
  return address(probe).id
}

describe('a callback', () => {
  test('is given back once the receiver has collected it', async () => {
    const probe = await realms.peer.spawn('Probe')
    const base = held(realms.near)
    for (let n = 0; n < 500; n++) await probe.invoke((by) => by + n, 1)
    expect(held(realms.near)).toBeGreaterThan(base)
    await collectUntil(() => held(realms.near) === base)
    expect(holds(realms.far)).toBe(base)
  })

  test('is kept as long as the receiver has it', async () => {
    const probe = await realms.peer.spawn('Probe')
    let calls = 0
    await probe.keep(() => ++calls)
    await collectUntil(async () => (await probe.invoke((by) => by, 1)) === 1 && calls === 0)
    expect(await probe.callKept()).toBe(1)
    const kept = held(realms.near)
    await probe.dropKept()
    await collectUntil(() => held(realms.near) < kept)
  })

  test('is counted as often as it is sent, and is known by one function there', async () => {
    const probe = await realms.peer.spawn('Probe')
    const fn = (): string => 'mine'
    await probe.keep(fn)
    for (let n = 0; n < 20; n++) expect(await probe.echo(fn)).toBe(fn)
    expect(held(realms.near)).toBe(1)
    await probe.dropKept()
    await collectUntil(() => held(realms.near) === 0)
    expect(await probe.invoke(fn as never, 1)).toBe('mine')
  })

  test('is given back at once by Symbol.dispose, and is released then', async () => {
    const probe = await realms.peer.spawn('Probe')
    const adder = (await probe.adder(5)) as unknown as ((n: number) => Promise<number>) & Disposable
    expect(await adder(1)).toBe(6)
    const before = held(realms.far)
    adder[Symbol.dispose]()
    adder[Symbol.dispose]()
    await vi.waitFor(() => expect(held(realms.far)).toBe(before - 1))
    expect(await outcome(adder(1))).toMatchObject({
      code: 'released',
      ran: 'no',
      message: expect.stringContaining('was released here'),
    })
  })

  test('ends with the incarnation of the actor that made it', async () => {
    class Giver extends Actor {
      fail(): never {
        throw new Error('fails')
      }
      async give(to: Proxy<Probe>): Promise<void> {
        await this.context.ask(to).keep(() => 'given')
      }
    }
    const probe = await realms.peer.spawn('Probe')
    const giver = await realms.near.spawn(Giver, { restart: 'permanent' })
    await giver.give(probe)
    expect(await probe.callKept()).toBe('given')
    await outcome(giver.fail())
    await vi.waitFor(async () => expect((await info(giver)).incarnation).toBe(2))
    expect(await outcome(probe.callKept())).toMatchObject({ code: 'released' })
    await giver.give(probe)
    await stop(giver)
    expect(await outcome(probe.callKept())).toMatchObject({ code: 'released' })
  })
})

describe('a borrowed function', () => {
  test('is released when the link to its owner has ended', async () => {
    const third = await linkedPair({ actors: probes })
    const probe = await third.peer.spawn('Probe', { name: 'keeper' })
    await probe.keep(() => 'mine')
    const keeper = (await third.far.lookup<Probe>('keeper'))!
    await third.near.close()
    await vi.waitFor(() => expect(third.far.info().peers).toEqual([]))
    expect(await outcome(keeper.callKept())).toMatchObject({ code: 'released' })
    await third.close()
  })
})

describe('an actor that was spawned across a link', () => {
  test('ends when its last proxy is collected and it is idle', async () => {
    const id = await spawned()
    expect(there()).toContain(id)
    await collectUntil(() => !there().includes(id))
    expect(realms.far.info().terminated.at(-1)!.reason).toMatchObject({ code: 'released' })
    expect(holds(realms.near)).toBe(0)
  })

  test('stays while somebody in its own realm holds a proxy of it', async () => {
    const id = await spawned()
    let proxy = await realms.far.lookup<Probe>(id)
    await collectUntil(() => held(realms.far) === 0)
    expect(there()).toContain(id)
    expect(address(proxy!).id).toBe(id)
    proxy = undefined
    await collectUntil(() => !there().includes(id))
  })

  test('stays if it has a name, and ends behind what it is doing', async () => {
    const named = await spawned({ name: 'named' })
    const controller = new AbortController()
    const { signal } = controller
    const busy = await spawned({}, (probe) => void probe.waitFor(signal))
    await collectUntil(() => held(realms.far) === 0)
    expect(there()).toEqual(expect.arrayContaining([named, busy]))
    controller.abort()
    await vi.waitFor(() => expect(there()).not.toContain(busy))
    expect(there()).toContain(named)
  })

  test('stays while a stream of it is open', async () => {
    let stream: AsyncIterator<number> | undefined
    const id = await spawned({}, async (probe) => {
      stream = probe.count(3)[Symbol.asyncIterator]()
      await stream.next()
    })
    await collectUntil(() => held(realms.far) === 1)
    expect(there()).toContain(id)
    expect(await stream!.next()).toEqual({ done: false, value: 2 })
    await stream!.return!()
    await collectUntil(() => !there().includes(id))
  })

  test('is not ended by a disposed borrower, and is found again after it', async () => {
    const probe = await realms.peer.spawn('Probe', { name: 'kept' })
    const borrowed = (await realms.near.lookup<Probe>('kept')) as Proxy<Probe> & Disposable
    borrowed[Symbol.dispose]()
    borrowed[Symbol.dispose]()
    expect(await probe.add(1, 2)).toBe(3)
    expect(await (await realms.near.lookup<Probe>('kept'))!.add(1, 2)).toBe(3)
  })

  test('is released here by disposing what was received', async () => {
    await realms.far.spawn(probes.Probe, { name: 'other' })
    const borrowed = (await realms.near.lookup<Probe>('other'))!
    await borrowed[Symbol.asyncDispose]()
    expect(await outcome(borrowed.add(1, 1))).toMatchObject({ code: 'released', ran: 'no' })
    await vi.waitFor(() => expect(held(realms.far)).toBe(0))
    expect(await (await realms.near.lookup<Probe>('other'))!.add(1, 1)).toBe(2)
  })

  test('is held through the realm between', async () => {
    const third = await linkedPair({ actors: probes })
    const [a, b] = pair()
    await realms.near.listen(single(a))
    await third.near.connect(b)
    const keeper = await realms.near.spawn(probes.Probe, { name: 'keeper' })
    const pass = async (): Promise<string> => {
      const probe = await third.peer.spawn('Probe')
      const passed = probe as unknown as () => unknown
      await (await third.near.lookup<Probe>('keeper'))!.keep(passed)
      return address(probe).id
    }
    const id = await pass()
    const alive = (): boolean => third.far.info().actors.includes(id)
    // The realm between holds it for the one behind, and for nobody else.
    await collectUntil(() => third.near.info().peers.some(({ exports }) => exports > 0))
    expect(alive()).toBe(true)
    await keeper.dropKept()
    await collectUntil(() => !alive())
    await third.close()
  })
})

describe('a link that is cut', () => {
  test('frees 10,000 references at both ends', async () => {
    const probe = await realms.peer.spawn('Probe')
    const fns = Array.from({ length: 10_000 }, (_, n) => () => n)
    await probe.keep((await probe.echo(fns)) as never)
    await probe.record(fns)
    expect(held(realms.near)).toBeGreaterThanOrEqual(10_000)
    expect(holds(realms.far)).toBeGreaterThanOrEqual(10_000)
    await realms.peer.close()
    expect(realms.near.info().peers).toEqual([])
    expect(realms.far.info().peers).toEqual([])
    const freed = new WeakRef(fns[5_000]!)
    fns.length = 0
    await collectUntil(() => freed.deref() === undefined)
  })

  test('ends the idle actors that its peer had spawned', async () => {
    const id = await spawned()
    const named = await spawned({ name: 'named' })
    await realms.peer.close()
    await vi.waitFor(() => expect(there()).not.toContain(id))
    expect(there()).toContain(named)
  })
})

describe('a dispatcher that was closed', () => {
  const lasting = new AbortController()

  /** Opens and closes a pair whose logs lead to what came over its link. Returns a weak reference to each dispatcher. */
  async function closed(): Promise<WeakRef<object>[]> {
    const kept: unknown[] = []
    const log = (): void => void kept.length
    const pair = await linkedPair({ actors: probes, dispatcher: { log } })
    const probe = await pair.peer.spawn('Probe')
    const local = (await pair.far.lookup<Probe>(address(probe).id))!
    const { signal } = new AbortController()
    await probe.keep(() => kept.length)
    await probe.describe([signal, lasting.signal])
    kept.push(probe, local, signal, await probe.adder(1), await probe.count(3))
    await pair.close()
    return [new WeakRef(pair.near), new WeakRef(pair.far)]
  }

  test('can be collected, though its log leads to proxies, functions, streams and signals', async () => {
    const refs: WeakRef<object>[] = []
    for (let n = 0; n < 100; n++) refs.push(...(await closed()))
    await collectUntil(() => refs.every((ref) => ref.deref() === undefined))
  })
})

describe('a peer', () => {
  test('that gives back more than it got loses its link', async () => {
    const [near, far] = pair()
    const dispatcher = new Dispatcher()
    await dispatcher.listen(single(near), { actors: probes })
    const raw = new RawPeer(far)
    await raw.shakeHands()
    const { index } = await raw.spawn('Probe')
    raw.send(Op.Release, 7_777, 1)
    raw.send(Op.Release, index, 2)
    expect(await raw.closed).toMatchObject({ code: 'protocol' })
    await dispatcher.close()
  })
})

describe('a value marked by reference', () => {
  class Ledger {
    total = 0
    add(by: number): number {
      return (this.total += by)
    }
  }
  class Office extends Actor {
    readonly ledger = reference(new Ledger())
    books(): { ledger: Ledger } {
      return { ledger: this.ledger }
    }
    total(): number {
      return this.ledger.total
    }
    audits(ledger: Ledger): boolean {
      return ledger === this.ledger
    }
  }

  test('is a proxy where it arrives, the same each time, and itself where it is', async () => {
    const office = await realms.far.spawn(Office, { name: 'office' })
    const far = (await realms.near.lookup<Office>('office'))!
    const ledger = (await far.books()).ledger as unknown as Proxy<Ledger>
    expect(await ledger.add(2)).toBe(2)
    expect(await far.total()).toBe(2)
    expect((await far.books()).ledger).toBe(ledger)
    expect((await office.books()).ledger).toBeInstanceOf(Ledger)
    expect(await far.audits(ledger as never)).toBe(true)
    expect(address(ledger).kind).toBe('Ledger')
  })

  test('is an actor only as long as somebody holds it', async () => {
    await realms.far.spawn(Office, { name: 'office' })
    const before = there().length
    const use = async (): Promise<void> => {
      const ledger = (await (await realms.near.lookup<Office>('office'))!.books()).ledger as unknown as Proxy<Ledger>
      await ledger.add(1)
    }
    await use()
    expect(there().length).toBe(before + 1)
    await collectUntil(() => there().length === before)
    await use()
    expect(await (await realms.near.lookup<Office>('office'))!.total()).toBe(2)
  })
})

test('a function that is marked is handed out as a function, and is no actor', async () => {
  class Maker {
    make(): () => number {
      return reference(() => 7)
    }
  }
  await realms.far.spawn(actor(Maker), { name: 'maker' })
  const maker = (await realms.near.lookup<Maker>('maker'))!
  const before = there().length
  expect(await (await maker.make())()).toBe(7)
  expect(there().length).toBe(before)
})

test('an actor that returns itself gives its proxy', async () => {
  class Plain {
    self(): this {
      return this
    }
  }
  const plain = await realms.near.spawn(actor(Plain))
  expect(same((await plain.self()) as unknown as Proxy<Plain>, plain)).toBe(true)
})

describe('an AbortSignal in a value', () => {
  test('is let go of when it was collected where it came from', async () => {
    const probe = await realms.peer.spawn('Probe')
    const base = held(realms.near)
    for (let n = 0; n < 100; n++) await probe.describe(new AbortController().signal)
    await probe.describe(AbortSignal.abort())
    await collectUntil(() => held(realms.near) === base)
  })

  test('fires when the link of its origin dies', async () => {
    const probe = await realms.peer.spawn('Probe')
    await probe.keep(() => 'x')
    const far = (await realms.far.lookup<Probe>(address(probe).id))!
    const fired = new Promise((resolve) => {
      class Waiter {
        wait(signal: AbortSignal): void {
          signal.addEventListener('abort', () => resolve(signal.reason))
        }
      }
      void realms.far.spawn(actor(Waiter), { name: 'waiter' })
    })
    const waiter = (await realms.near.lookup<{ wait(signal: AbortSignal): void }>('waiter'))!
    await waiter.wait(new AbortController().signal)
    expect(far).toBeDefined()
    await realms.peer.close()
    expect(await fired).toMatchObject({ code: 'unreachable' })
  })
})
