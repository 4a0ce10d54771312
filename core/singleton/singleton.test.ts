import { describe, expect, test } from 'vitest'
import { memoryStore, durable, type Store } from '../durable/index.js'
import {
  Actor,
  ActorError,
  ask,
  Dispatcher,
  ended,
  info,
  isAlive,
  kill,
  monitor,
  type Proxy,
  read,
  stop,
  tell,
  write,
} from '../index.js'
import { returning } from '../peers/returning.js'
import type { RealmOptions } from '../realm/realm.js'
import { single } from '../serving/listening.js'
import { SimulatedOrigin, type Tab } from '../testing/simulated-origin.js'
import { pair, type PairEnd } from '../transport/pair.js'
import type { Connector } from '../transport/transport.js'
import { leadership } from './leadership.js'
import { sharedHost } from './peer-host.js'
import { type SingletonRest, takePart } from './take-part.js'

const LEASE = 2_000
/** What a takeover takes at most here, beside the lease where a tab hangs. */
const SOON = 300

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

/** What became of a call. */
async function told(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    return error instanceof ActorError ? `${error.code} ${error.ran}` : error
  }
}

/** Counts, and notes who calls. Of all instances, `ran` has what handlers did. */
abstract class Base extends Actor {
  static ran: string[] = []
  /** Whether handlers of `slow` never return. */
  static isStuck = false
  static exposed = [
    'slow',
    'add',
    'value',
    'stuck',
    'count',
    'where',
    'countTo',
    'label',
    'call',
    'leave',
    'note',
    'fail',
  ]
  label = 'none'
  total = 0
  add(by = 1): number {
    return (this.total += by)
  }
  note(text: string): number {
    Base.ran.push(text)
    return (this.total += 1)
  }
  value(): number {
    return this.total
  }
  where(): string {
    return this.context.dispatcher.id
  }
  /** Never returns. */
  stuck(text: string): Promise<void> {
    Base.ran.push(text)
    return new Promise(() => {})
  }
  async *countTo(n: number): AsyncGenerator<number> {
    for (let count = 1; count <= n; count++) yield count
  }
  async call(back: (text: string) => Promise<string>): Promise<string> {
    return back(`from ${this.context.dispatcher.id}`)
  }
  async slow(text: string): Promise<number> {
    Base.ran.push(text)
    if (Base.isStuck) await new Promise(() => {})
    return (this.total += 1)
  }
  fail(): never {
    throw new Error('it failed')
  }
  leave(): void {
    this.context.stop()
  }
}

class Plain extends Base {}

class Cart extends Base {
  static durable = durable()
  override snapshot(): unknown {
    return this.total
  }
  override restore(total: number): void {
    this.total = total
  }
}

interface Opened {
  readonly tab: Tab
  readonly dispatcher: Dispatcher
  readonly log: string[]
  join<A extends typeof Base>(actor: A, options?: Partial<SingletonRest>): Promise<Proxy<InstanceType<A>>>
}

/** A store that answers nothing as long as it is held. */
function heldStore(inner = memoryStore()) {
  let wait: Promise<void> | undefined
  let release = (): void => {}
  const store: Store = {
    read: async (prefix) => (await wait, inner.read(prefix)),
    commit: async (commits) => (await wait, inner.commit(commits)),
    close: () => inner.close(),
  }
  return { store, hold: () => void (wait = new Promise((resolve) => (release = resolve))), release: () => release() }
}

/** An origin with a store, whose tabs each have a dispatcher. */
function setup(seed = 1) {
  const origin = new SimulatedOrigin(seed)
  const store = memoryStore()
  const opened: Opened[] = []
  Base.ran = []
  const open = (own: Store = store, options?: RealmOptions): Opened => {
    const tab = origin.tab()
    const log: string[] = []
    const dispatcher = new Dispatcher({
      id: tab.name,
      env: tab.env,
      store: tab.store(own),
      ...options,
      log: ({ text, error }) => log.push(`${text} ${String(error)}`),
    })
    const join: Opened['join'] = (actor, options) =>
      takePart(tab.platform, dispatcher, actor, { name: 'cart', lease: LEASE, ...options }) as never
    const each = { tab, dispatcher, log, join }
    opened.push(each)
    return each
  }
  const pass = (ms = SOON): Promise<void> => origin.clock.advance(ms)
  /** What a promise comes to within that time. */
  const within = async <T>(promise: Promise<T>, ms = SOON): Promise<T | 'late'> => {
    let isOver = false
    const over = (): void => void (isOver = true)
    promise.then(over, over)
    const until = origin.clock.now() + ms
    while (!isOver && origin.clock.now() < until) await pass(Math.min(10, until - origin.clock.now()))
    return isOver ? promise : 'late'
  }
  /** Tabs that joined, of which the first leads. */
  const tabs = async <A extends typeof Base>(count: number, actor: A, options?: Partial<SingletonRest>) => {
    const all = []
    for (let index = 0; index < count; index++) {
      const each = open()
      const joining = each.join(actor, options)
      expect(await within(joining)).not.toBe('late')
      all.push({ ...each, cart: await joining })
    }
    return all
  }
  return {
    origin,
    store,
    open,
    pass,
    within,
    tabs,
    [Symbol.asyncDispose]: async () => {
      for (const { tab, dispatcher } of opened) {
        tab.goOn()
        const closing = dispatcher.close({ timeout: 100 })
        await pass(10_000)
        await closing
      }
      await pass(60_000)
      expect(origin.clock.timers, 'timers that are left').toBe(0)
      expect(origin.holders, 'locks that are left').toEqual([])
    },
  }
}

describe('one of several tabs', () => {
  test('runs the actor, and the others reach it', async () => {
    await using here = setup()
    const [a, b, c] = await here.tabs(3, Cart)
    expect(await here.within(Promise.all([a!, b!, c!, b!].map(({ cart }) => cart.add())))).toEqual([1, 2, 3, 4])
    expect(await here.within(Promise.all([a!, b!, c!].map(({ cart }) => cart.where())))).toEqual([
      'tab1',
      'tab1',
      'tab1',
    ])
    expect([a!, b!, c!].map(({ cart }) => leadership(cart).state)).toEqual(['leading', 'following', 'following'])
    expect([a!, b!, c!].map(({ cart }) => leadership(cart).leader)).toEqual(['tab1', 'tab1', 'tab1'])
    expect(here.origin.holders.map(({ name }) => name)).toEqual(['tab1'])
  })

  test('gives the same actor to all who ask in one tab, and has one for each name', async () => {
    await using here = setup()
    const tab = here.open()
    const carts = await here.within(Promise.all([tab.join(Cart), tab.join(Cart), tab.join(Cart, { name: 'other' })]))
    const [cart, same, other] = carts as Proxy<Cart>[]
    expect(await here.within(Promise.all([cart!.add(), same!.add(), other!.add()]))).toEqual([1, 2, 1])
    expect(await told(tab.join(Plain))).toBe('name-taken no')
  })

  test('is asked for as any actor is: properties, streams, callbacks, errors, one-way messages', async () => {
    await using here = setup()
    for (const { cart } of await here.tabs(2, Cart)) {
      await here.within(write(cart, 'label', 'mine'))
      expect(await here.within(read(cart, 'label'))).toBe('mine')
      const counted: number[] = []
      const counting = (async () => {
        for await (const n of cart.countTo(3)) counted.push(n)
      })()
      await here.within(counting)
      expect(counted).toEqual([1, 2, 3])
      expect(await here.within(cart.call(async (text) => `${text}, heard`))).toBe('from tab1, heard')
      expect(await here.within(outcome(cart.fail()))).toEqual(new Error('it failed'))
      tell(cart).note('told')
      expect(await here.within(info(cart))).toMatchObject({ name: 'cart', kind: 'Cart', realm: 'tab1' })
      expect(await here.within(isAlive(cart))).toBe(true)
    }
    expect(Base.ran).toEqual(['told', 'told'])
  })

  test('takes arguments as they were at the call, and refuses what cannot be sent', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Cart)
    for (const { cart } of [a!, b!])
      expect(await told((cart as unknown as Proxy<{ add(value: unknown): void }>).add(new WeakMap()))).toBe(
        'uncloneable no',
      )
  })
})

describe('when the tab that leads', () => {
  test.each([
    ['closes its dispatcher', async ({ dispatcher }: Opened) => void dispatcher.close()],
    ['crashes', async ({ tab }: Opened) => tab.crash()],
    ['is put away', async ({ tab }: Opened) => tab.putAway()],
  ])('%s, another one takes over with the stored state, and proxies stay valid', async (_, end) => {
    await using here = setup()
    const [a, b, c] = await here.tabs(3, Cart)
    expect(await here.within(b!.cart.add(5))).toBe(5)
    await end(a!)
    expect(await here.within(Promise.all([b!.cart.add(), c!.cart.add()]))).toEqual([6, 7])
    expect([b!, c!].map(({ cart }) => leadership(cart).state)).toEqual(['leading', 'following'])
    expect(here.origin.holders.map(({ name }) => name)).toEqual(['tab2'])
  })

  test('takes no further part, another one takes over, and its own proxy is of no more use', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Cart)
    const { down } = monitor(a!.cart)
    const slow = a!.cart.add(2)
    const stopping = stop(a!.cart)
    expect(await here.within(slow)).toBe(2)
    await here.within(stopping)
    expect(await told(a!.cart.add())).toBe('stopped no')
    expect(await here.within(down)).toMatchObject({ code: 'stopped' })
    expect(await here.within(ended(a!.cart))).toMatchObject({ code: 'stopped' })
    expect(await here.within(b!.cart.add())).toBe(3)
    expect(leadership(a!.cart).state).toBe('ended')
    const again = (await here.within(a!.join(Cart))) as Proxy<Cart>
    expect(await here.within(again.add())).toBe(4)
    expect(leadership(again)).toMatchObject({ state: 'following', leader: 'tab2' })
  })

  test('is told to end the actor at once, or disposes its proxy, another one takes over', async () => {
    await using here = setup()
    const [a, b, c] = await here.tabs(3, Cart)
    await here.within(kill(a!.cart))
    expect(await here.within(c!.cart.where())).toBe('tab2')
    await here.within(b!.cart[Symbol.asyncDispose]())
    expect(await here.within(c!.cart.where())).toBe('tab3')
  })

  test('hangs, another one takes over after the lease, and the one that goes on changes nothing', async () => {
    await using here = setup()
    const [a, b, c] = await here.tabs(3, Cart)
    expect(await here.within(c!.cart.add(5))).toBe(5)
    a!.tab.hang()
    const waiting = Promise.all([b!.cart.add(), c!.cart.add(), a!.cart.add()])
    await here.pass(LEASE + SOON)
    expect(leadership(b!.cart).leader).toBe(leadership(c!.cart).leader)
    expect(leadership(c!.cart).leader).not.toBe('tab1')
    a!.tab.goOn()
    expect((await here.within(waiting)) as number[]).toEqual(expect.arrayContaining([6, 7, 8]))
    expect(leadership(a!.cart).state).toBe('following')
    expect(await here.within(Promise.all([a!, b!, c!].map(({ cart }) => cart.value())))).toEqual([8, 8, 8])
    expect(here.origin.holders).toHaveLength(1)
  })

  test('says nothing for a while because it is busy with other things, it goes on', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Cart)
    for (let round = 0; round < 20; round++) {
      a!.tab.hang()
      await here.pass(LEASE * 0.7)
      a!.tab.goOn()
      expect(await here.within(b!.cart.where())).toBe('tab1')
    }
    // A follower that hangs takes nobody for dead either.
    b!.tab.hang()
    await here.pass(10 * LEASE)
    b!.tab.goOn()
    await here.pass(LEASE)
    expect(await here.within(b!.cart.where())).toBe('tab1')
  })
})

describe('calls that are under way at a takeover', () => {
  test('are handled once each by a durable actor, in the order in which they were made', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      await using here = setup(seed)
      const [a, b, c] = await here.tabs(3, Cart)
      const calls = (who: string, from: number) =>
        Array.from({ length: 10 }, (_, n) => (who === 'b' ? b! : c!).cart.note(`${who}${from + n}`))
      const first = [...calls('b', 0), ...calls('c', 0)]
      await here.pass(seed % 7)
      if (seed % 2) a!.tab.crash()
      else a!.tab.hang()
      const second = [...calls('b', 10), ...calls('c', 10)]
      const all = Promise.all([...first, ...second])
      const counts = await here.within(all, LEASE + SOON)
      expect(new Set(counts as number[])).toEqual(new Set(Array.from({ length: 40 }, (_, n) => n + 1)))
      const order = (who: string): string[] => [...new Set(Base.ran.filter((each) => each.startsWith(who)))]
      for (const who of ['b', 'c']) expect(order(who)).toEqual(Array.from({ length: 20 }, (_, n) => `${who}${n}`))
      expect(await here.within(b!.cart.value())).toBe(40)
    }
  })

  test('of an actor that is not durable, those that were accepted are unknown, and the others run once', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Plain)
    const accepted = told(b!.cart.stuck('accepted'))
    await here.pass(50)
    expect(Base.ran).toEqual(['accepted'])
    const own = a!.cart.note('own')
    const waiting = told(b!.cart.stuck('waiting'))
    await here.pass(50)
    a!.tab.hang()
    const late = told(b!.cart.note('late'))
    await here.pass(LEASE + SOON)
    expect(await here.within(accepted)).toBe('unknown maybe')
    // It was in the mailbox of one that is silent.
    expect(await here.within(waiting)).toBe('unknown maybe')
    expect(await here.within(late)).toBe(1)
    a!.tab.goOn()
    await here.pass()
    // What never began there is called again.
    expect(await here.within(own)).toBe(2)
    expect(Base.ran).toEqual(['accepted', 'late', 'own'])
  })

  test('of an actor that is not durable and ends in order, those that did not begin run in the next tab', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Plain)
    const accepted = told(b!.cart.stuck('accepted'))
    await here.pass(50)
    const waiting = b!.cart.note('waiting')
    await here.pass(50)
    void stop(a!.cart, { mode: 'now', timeout: 100 })
    expect(await here.within(waiting)).toBe(1)
    expect(await here.within(accepted)).toBe('stopped maybe')
  })

  const blows: [string, (leader: Opened & { readonly cart: Proxy<Base> }) => unknown, isKilled?: boolean][] = [
    ['is put away', ({ tab }) => tab.putAway()],
    ['crashes', ({ tab }) => tab.crash()],
    ['hangs', ({ tab }) => tab.hang()],
    ['kills the actor', ({ cart }) => void kill(cart), true],
    ['kills all actors', ({ dispatcher }) => void dispatcher.close({ mode: 'kill' }), true],
    ['gives the actor no time', ({ cart }) => void stop(cart, { timeout: 10 }), true],
  ]
  test.each(blows)('whose handler is interrupted as the leading tab %s', async (_, blow, isKilled = false) => {
    for (const actor of [Cart, Plain]) {
      await using here = setup()
      const [a, b] = await here.tabs(2, actor)
      Base.isStuck = true
      const call = told(b!.cart.slow('text'))
      await here.pass(50)
      Base.isStuck = false
      expect(Base.ran).toEqual(['text'])
      await blow(a!)
      const isAgain = actor === Cart && !isKilled
      expect(await here.within(call, LEASE + SOON)).toBe(isAgain ? 1 : `${isKilled ? 'stopped' : 'unknown'} maybe`)
      expect(Base.ran).toEqual(isAgain ? ['text', 'text'] : ['text'])
      expect(await here.within(b!.cart.where())).toBe('tab2')
    }
  })

  test('one-way messages and stored ones come through, too', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Cart)
    a!.tab.hang()
    tell(b!.cart).add(1)
    const stored = tell(b!.cart, { ack: 'stored' }).add(2)
    await here.pass(LEASE + SOON)
    expect(await here.within(stored)).toBeUndefined()
    expect(await here.within(b!.cart.value())).toBe(3)
  })

  test('streams end with unknown', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Cart)
    const steps = b!.cart.countTo(100)[Symbol.asyncIterator]()
    expect(await here.within(steps.next())).toEqual({ done: false, value: 1 })
    a!.tab.crash()
    await here.pass()
    expect(await here.within(told(steps.next()))).toBe('unknown maybe')
  })

  test('end with their deadline, or when they are aborted', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Cart)
    a!.tab.hang()
    const controller = new AbortController()
    const late = told(ask(b!.cart, { timeout: 100 }).add())
    const aborted = told(ask(b!.cart, { signal: controller.signal }).add())
    await here.pass(200)
    controller.abort()
    expect(await here.within(late)).toBe('timeout maybe')
    expect(await here.within(aborted)).toBe('aborted maybe')
    await here.pass(LEASE + SOON)
    expect(await here.within(b!.cart.where())).toBe('tab2')
  })
})

describe('while no tab leads', () => {
  test('calls wait, no longer than they may, and reject with unreachable', async () => {
    const held = heldStore()
    await using here = setup()
    const [first, second] = [here.open(held.store), here.open(held.store)]
    await here.within(first.join(Cart))
    const cart = (await here.within(second.join(Cart))) as Proxy<Cart>
    expect(await here.within(cart.add())).toBe(1)
    held.hold()
    first.tab.crash()
    await here.pass()
    expect(leadership(cart).state).toBe('waiting')
    const waiting = told(cart.add())
    const timed = told(ask(cart, { timeout: 100 }).add())
    expect(await here.within(timed)).toBe('timeout no')
    expect(await here.within(told(info(cart)))).toBe('unreachable no')
    expect(await here.within(waiting, LEASE + 4_000)).toBe('late')
    expect(await here.within(waiting, 2_000)).toBe('unreachable no')
    const last = cart.add()
    held.release()
    expect(await here.within(last)).toBe(2)
  })
})

describe('an actor', () => {
  test('that ends by itself is started again in the same tab, until that is too often', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Cart)
    await here.within(b!.cart.add(7))
    await here.within(b!.cart.leave())
    expect(await here.within(b!.cart.value())).toBe(7)
    expect(await here.within(b!.cart.where())).toBe('tab1')
    for (let round = 0; round < 5; round++) {
      await here.within(told(b!.cart.leave()))
      await here.pass(1_000)
    }
    expect(leadership(a!.cart).state).toBe('ended')
    expect(await told(a!.cart.value())).toBe('escalated no')
    expect(await here.within(b!.cart.value())).toBe(7)
    expect(await here.within(b!.cart.where())).toBe('tab2')
  })

  test('that cannot start in the first tab rejects there, and the next one tries', async () => {
    await using here = setup()
    const broken = here.open({ ...memoryStore(), commit: () => Promise.reject(new Error('denied')) } as Store)
    const fine = here.open()
    const failing = told(broken.join(Cart))
    const joining = fine.join(Cart)
    expect(await here.within(failing)).toBe('stored-failed maybe')
    const cart = (await here.within(joining)) as Proxy<Cart>
    expect(await here.within(cart.where())).toBe('tab2')
  })

  test('is not had where the platform gives no lock', async () => {
    await using here = setup()
    const { tab, dispatcher } = here.open()
    const platform = {
      ...tab.platform,
      lock: (...request: Parameters<typeof tab.platform.lock>) => {
        queueMicrotask(() => request[3](new Error('there are none')))
        return () => {}
      },
    }
    expect(await told(takePart(platform, dispatcher, Cart, { name: 'cart' }))).toBe('start-failed no')
  })
})

describe('a later version', () => {
  test('takes over once the earlier one has ended in order, and tabs of that are told', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Cart, { version: 1 })
    expect(await here.within(b!.cart.add(3))).toBe(3)
    const events: unknown[] = []
    for (const { cart } of [a!, b!])
      leadership(cart).on('state', (state, { reason }) => state === 'ended' && events.push(reason?.code))
    const underWay = b!.cart.add()
    const newer = here.open()
    const joining = newer.join(Cart, { version: 2 })
    const cart = (await here.within(joining)) as Proxy<Cart>
    expect(await here.within(cart.add())).toBe(5)
    expect(await here.within(underWay)).toBe(4)
    for (const old of [a!, b!]) expect(await told(old.cart.add())).toBe('version no')
    expect(events).toEqual(['version', 'version'])
    expect(await here.within(told(here.open().join(Cart, { version: 1 })))).toBe('version no')
    expect(here.origin.holders.map(({ name }) => name)).toEqual(['tab3'])
  })

  test('takes over from one that hangs', async () => {
    await using here = setup()
    const [a] = await here.tabs(1, Cart, { version: 1 })
    await here.within(a!.cart.add(3))
    a!.tab.hang()
    const newer = here.open()
    const cart = (await here.within(newer.join(Cart, { version: 2 }), LEASE + SOON)) as Proxy<Cart>
    expect(await here.within(cart.add())).toBe(4)
    a!.tab.goOn()
    await here.pass()
    expect(await told(a!.cart.add())).toBe('version no')
  })
})

describe('a tab that leaves', () => {
  const ways: [string, (tab: Opened, cart: Proxy<Base>) => Promise<void>][] = [
    ['stops the actor', (_, cart) => stop(cart)],
    ['kills the actor', (_, cart) => kill(cart)],
    ['closes its dispatcher', ({ dispatcher }) => dispatcher.close()],
  ]

  test.each(ways)('and %s as soon as it leads, keeps no other one from that', async (_, leave) => {
    for (const actor of [Cart, Plain]) {
      await using here = setup()
      const [a, b, c] = await here.tabs(3, actor)
      expect(await here.within(b!.cart.where())).toBe('tab1')
      let left: Promise<unknown> | undefined
      leadership(b!.cart).on('state', (_, { leader }) => {
        if (leader === 'tab2') left ??= told(leave(b!, b!.cart))
      })
      void a!.dispatcher.close()
      const call = c!.cart.where()
      await here.pass()
      expect(await here.within(left!)).toBeUndefined()
      expect(await here.within(call)).toBe('tab3')
      expect(leadership(c!.cart).state).toBe('leading')
    }
  })

  test.each(ways)('and %s while that starts, runs it no more when another one leads', async (how, leave) => {
    const lives: string[] = []
    class Slow extends Plain {
      static isHeld = false
      static goOn = (): void => {}
      override async onStart(): Promise<void> {
        const { id } = this.context.dispatcher
        lives.push(`${id} starts`)
        if (Slow.isHeld) await new Promise<void>((resolve) => (Slow.goOn = resolve))
        lives.push(`${id} runs`)
      }
      override onStop(): void {
        lives.push(`${this.context.dispatcher.id} ends`)
      }
    }
    await using here = setup()
    const [a, b, c] = await here.tabs(3, Slow)
    Slow.isHeld = true
    void a!.dispatcher.close()
    await here.pass(100)
    expect(lives.splice(0)).toEqual(['tab1 starts', 'tab1 runs', 'tab1 ends', 'tab2 starts'])
    Slow.isHeld = false
    const left = told(leave(b!, b!.cart))
    await here.pass(100)
    const isAtOnce = how.startsWith('kills')
    expect(here.origin.holders.map(({ name }) => name)).toEqual([isAtOnce ? 'tab3' : 'tab2'])
    Slow.goOn()
    expect(await here.within(left)).toBeUndefined()
    expect(await here.within(c!.cart.where())).toBe('tab3')
    const end = ['tab2 runs', 'tab2 ends']
    const next = ['tab3 starts', 'tab3 runs']
    expect(lives).toEqual(isAtOnce ? [...next, 'tab2 runs'] : [...end, ...next])
    expect(b!.dispatcher.info().actors).toEqual([])
  })

  test('runs the actor on as long as its stop takes, also where calls have a time limit', async () => {
    await using here = setup()
    const first = here.open(undefined, { deadline: 500 })
    const cart = (await here.within(first.join(Plain))) as Proxy<Plain>
    const [b] = await here.tabs(1, Plain)
    const stuck = told(b!.cart.stuck('stuck'))
    await here.pass(50)
    const stopping = told(stop(cart))
    expect(await here.within(stopping, 1_000)).toBe('timeout maybe')
    expect(here.origin.holders.map(({ name }) => name)).toEqual(['tab1'])
    const next = b!.cart.where()
    expect(await here.within(next, 29_000)).toBe('late')
    expect(await here.within(next, 2_000)).toBe('tab2')
    expect(await here.within(stuck)).toBe('stopped maybe')
    expect(first.dispatcher.info().actors).toEqual([])
  })

  test('and kills an actor that is restarted when it fails, runs it no more', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Plain, { restart: { max: 3 } } as never)
    await here.within(kill(a!.cart))
    expect(await here.within(b!.cart.where())).toBe('tab2')
    expect(a!.dispatcher.info().actors).toEqual([])
  })
})

describe('a page that is put away', () => {
  test('takes part again when it is shown, with the calls that it had under way', async () => {
    await using here = setup()
    const [a, b] = await here.tabs(2, Cart)
    const waiting = [a!.cart.add(1), b!.cart.add(2)]
    b!.tab.putAway()
    a!.tab.putAway()
    await here.pass(60_000)
    b!.tab.show()
    await here.pass()
    a!.tab.show()
    expect(Math.max(...((await here.within(Promise.all(waiting))) as number[]))).toBe(3)
    expect(await here.within(a!.cart.value())).toBe(3)
    expect(leadership(b!.cart).state).toBe('leading')
    expect(leadership(a!.cart)).toMatchObject({ state: 'following', leader: 'tab2' })
  })

  test('does not know what became of calls of an actor that is not durable', async () => {
    await using here = setup()
    const [, b] = await here.tabs(2, Plain)
    const stuck = told(b!.cart.stuck('stuck'))
    await here.pass(50)
    b!.tab.putAway()
    await here.pass(60_000)
    b!.tab.show()
    expect(await here.within(stuck)).toBe('unknown maybe')
  })
})

describe('a tab that loses the lock', () => {
  test('while the actor starts there does nothing with it, and starts it again when it leads again', async () => {
    await using here = setup()
    const inner = memoryStore()
    const slow = heldStore(inner)
    const [first, second, third] = [here.open(inner), here.open(slow.store), here.open(inner)]
    await here.within(first.join(Cart))
    const own = (await here.within(second.join(Cart))) as Proxy<Cart>
    const other = (await here.within(third.join(Cart))) as Proxy<Cart>
    expect(await here.within(other.add(5))).toBe(5)
    slow.hold()
    first.tab.crash()
    await here.pass(100)
    expect(leadership(other).leader).toBe('tab2')
    second.tab.hang()
    const adding = other.add()
    expect(await here.within(adding, LEASE + SOON)).toBe(6)
    expect(await here.within(other.where())).toBe('tab3')
    slow.release()
    second.tab.goOn()
    await here.pass()
    expect(leadership(own)).toMatchObject({ state: 'following', leader: 'tab3' })
    expect(second.dispatcher.info().actors).toEqual([])
    expect(await here.within(own.add())).toBe(7)
    expect(await here.within(other.add())).toBe(8)
    third.tab.crash()
    expect(await here.within(own.add())).toBe(9)
    expect(await here.within(own.where())).toBe('tab2')
  })
})

describe('with a home', () => {
  /** A realm that all tabs can be linked with, as a SharedWorker is, and what they are given for it. */
  function workplace(here: ReturnType<typeof setup>) {
    let worker: Opened | undefined
    const ends: PairEnd[] = []
    const open = (): PairEnd => {
      worker ??= here.open()
      const [near, far] = pair()
      ends.push(near, far)
      void worker.dispatcher.listen(single(far), { actors: { Cart } })
      return near
    }
    const home: Connector = { open, returns: returning, hosts: sharedHost }
    const die = (): void => {
      worker = undefined
      for (const end of ends.splice(0)) end.fail(new ActorError('unreachable', 'the worker died'))
    }
    return { home, die, name: () => worker?.tab.name }
  }

  test('that one runs the actor for all, whichever tab leads; after its death the next one has the stored state', async () => {
    await using here = setup()
    const place = workplace(here)
    const [a, b, c] = await here.tabs(3, Cart, { home: place.home })
    expect(await here.within(Promise.all([a!, b!, c!].map(({ cart }) => cart.add())))).toEqual([1, 2, 3])
    const name = place.name()
    expect(await here.within(b!.cart.where())).toBe(name)
    expect([a!, b!, c!].map(({ cart }) => leadership(cart).state)).toEqual(['leading', 'following', 'following'])
    // The end of the leading tab changes nothing of that.
    void a!.dispatcher.close()
    expect(await here.within(Promise.all([b!.cart.where(), c!.cart.where()]))).toEqual([name, name])
    await here.pass()
    expect(leadership(b!.cart).state).toBe('leading')
    const calls = [b!.cart.add(), c!.cart.add(), b!.cart.add()]
    place.die()
    expect(new Set((await here.within(Promise.all(calls))) as number[])).toEqual(new Set([4, 5, 6]))
    expect(await here.within(c!.cart.where())).not.toBe(name)
    expect(await here.within(c!.cart.value())).toBe(6)
  })

  test('a tab with a later version stops the actor there first', async () => {
    await using here = setup()
    const [before, after] = [workplace(here), workplace(here)]
    const [a, b] = await here.tabs(2, Cart, { home: before.home, version: 1 })
    expect(await here.within(b!.cart.add(3))).toBe(3)
    const c = here.open()
    const cart = (await here.within(c.join(Cart, { home: after.home, version: 2 }))) as Proxy<Cart>
    expect(await here.within(cart.add())).toBe(4)
    expect(await here.within(cart.where())).toBe(after.name())
    for (const old of [a!, b!]) expect(await told(old.cart.add())).toBe('version no')
  })

  test('that has died, a tab with a later version takes over nevertheless', async () => {
    await using here = setup()
    const [before, after] = [workplace(here), workplace(here)]
    let isGone = false
    const open: Connector['open'] = (...args) => {
      if (isGone) throw new ActorError('unreachable', 'there is none any more')
      return before.home.open(...args)
    }
    const [a] = await here.tabs(1, Cart, { home: { ...before.home, open }, version: 1 })
    expect(await here.within(a!.cart.add(3))).toBe(3)
    isGone = true
    before.die()
    const c = here.open()
    const joining = c.join(Cart, { home: after.home, version: 2 })
    const cart = (await here.within(joining, 3 * LEASE + 10_000)) as Proxy<Cart>
    expect(await here.within(cart.add())).toBe(4)
    expect(await told(a!.cart.add())).toBe('version no')
  })

  test('that the platform does not have, the tab that leads runs the actor', async () => {
    await using here = setup()
    const home: Connector = {
      open: () => {
        throw new ActorError('no-worker', 'there is none')
      },
      hosts: sharedHost,
    }
    const [a, b] = await here.tabs(2, Cart, { home })
    expect(await here.within(b!.cart.where())).toBe('tab1')
    expect(leadership(a!.cart).state).toBe('leading')
    expect(await told(takePart(b!.tab.platform, b!.dispatcher, 'Cart', { name: 'other', home }))).toBe('no-worker no')
  })
})

test('a tab that is linked with the leading one in another way, too, sends no call twice to an actor that is not durable', async () => {
  await using here = setup()
  const [a, b] = await here.tabs(2, Plain)
  const [near, far] = pair()
  await here.within(Promise.all([a!.dispatcher.listen(single(far)), b!.dispatcher.connect(near)]))
  expect(await here.within(b!.dispatcher.lookup('cart'))).toBeDefined()
  const calls = Array.from({ length: 20 }, (_, n) => told(b!.cart.note(`n${n}`)))
  a!.tab.crash()
  await here.pass(50)
  near.fail(new ActorError('unreachable', 'the tab crashed'))
  expect(await here.within(Promise.all(calls), LEASE + 6_000)).not.toBe('late')
  expect(new Set(Base.ran).size).toBe(Base.ran.length)
})

test('wrong use is refused', async () => {
  await using here = setup()
  const { tab, dispatcher } = here.open()
  const wrong = (actor: unknown, options: unknown): Promise<unknown> =>
    told(takePart(tab.platform, dispatcher, actor, options as never))
  for (const [actor, options] of [
    [Cart, undefined],
    [Cart, {}],
    [Cart, { name: 'a/b' }],
    [Cart, { name: 'cart', lease: 0 }],
    [Cart, { name: 'cart', lease: 'x' }],
    [Cart, { name: 'cart', version: 1.5 }],
    [Cart, { name: 'cart', home: {} }],
    [class {}, { name: 'cart' }],
    ['Cart', { name: 'cart' }],
  ])
    expect(await wrong(actor, options)).toBe('malformed no')
  expect(await told(takePart(tab.platform, {} as Dispatcher, Cart, { name: 'cart' }))).toBe('malformed no')
  const plain = await dispatcher.spawn(Plain)
  expect(() => leadership(plain)).toThrow('singleton()')
})
