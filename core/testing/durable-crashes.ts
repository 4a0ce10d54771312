import { isSameBytes } from '../ground/same-bytes.js'
import { durable } from '../durable/durable.js'
import { Actor, ActorError, ask, Dispatcher, type Proxy, suspend, tell } from '../index.js'
import type { Store, StoreCommit, StoreRecord } from '../ground/store.js'

/** Where a store fails: at which commit, counted from 0, and whether that is made. */
interface Fault {
  readonly at: number
  readonly when: 'before' | 'after'
  /** Whether it fails but once: without this, it does nothing more. */
  readonly once?: boolean
}

/** A store that fails at one commit, as if the process or the disk did. */
class FailingStore implements Store {
  readonly #inner: Store
  readonly #fault: Fault | undefined
  commits = 0
  #isDead = false
  #die: () => void = () => {}
  /** Resolves when it does nothing more. */
  readonly dead = new Promise<void>((resolve) => (this.#die = resolve))

  constructor(inner: Store, fault?: Fault) {
    this.#inner = inner
    this.#fault = fault
  }

  async read(prefix: string): Promise<readonly StoreRecord[]> {
    if (this.#isDead) throw new Error('the store is dead')
    return this.#inner.read(prefix)
  }

  async commit(commits: readonly StoreCommit[]): Promise<readonly boolean[]> {
    if (this.#isDead) throw new Error('the store is dead')
    const isDue = this.commits++ === this.#fault?.at
    if (!isDue) return this.#inner.commit(commits)
    this.#isDead = this.#fault?.once !== true
    if (this.#isDead) this.#die()
    if (this.#fault?.when === 'after') await this.#inner.commit(commits)
    throw new Error(`the store failed ${this.#fault?.when} commit ${this.#fault?.at}`)
  }

  async close(): Promise<void> {}
}

/** Remembers what it was told, and tells another one. */
class Account extends Actor {
  static durable = durable()
  #applied: string[] = []

  override snapshot(): unknown {
    return this.#applied
  }
  override restore(applied: string[]): void {
    this.#applied = applied
  }
  apply(id: string): number {
    return this.#applied.push(id)
  }
  async later(id: string): Promise<number> {
    await undefined
    return this.apply(id)
  }
  pass(id: string, to: Proxy<Account>): void {
    this.apply(id)
    this.context.tell(to).apply(id)
  }
  applied(): string[] {
    return [...this.#applied]
  }
}

type Accounts = Readonly<Record<'a' | 'b', Proxy<Account>>>

/** What is done, and with which key it may be done again. */
interface Deed {
  readonly id: string
  readonly isRepeatable: boolean
  work(accounts: Accounts): Promise<unknown>
}

const deeds = (count: number): Deed[] =>
  Array.from({ length: count }, (_, n) => {
    const id = `deed-${n}`
    const works: ((accounts: Accounts) => Promise<unknown>)[] = [
      ({ a }) => a.apply(id),
      ({ a }) => ask(a, { key: id }).later(id),
      ({ a }) => tell(a, { ack: 'stored', key: id }).apply(id),
      ({ a, b }) => ask(a, { key: id }).pass(id, b),
    ]
    return { id, isRepeatable: n % 4 !== 0, work: works[n % 4]! }
  })

/** What was found: empty if all held. */
type Faults = string[]

/** A store that fails for good is given up soon. */
const ONCE = { type: 'transient', max: 1, backoff: 0 } as const

/** A run of a process: begins or goes on with the deeds, three at a time, until all are done or the store has failed. */
async function run(store: Store, open: Set<Deed>, done: Set<Deed>): Promise<void> {
  const dispatcher = new Dispatcher({ store, log: () => {} })
  try {
    const accounts = {
      a: await dispatcher.spawn(Account, { name: 'a', restart: ONCE }),
      b: await dispatcher.spawn(Account, { name: 'b', restart: ONCE }),
    }
    // With the store, the process ends.
    const end = store instanceof FailingStore ? store.dead.then(() => dispatcher.close({ mode: 'kill' })) : undefined
    end?.catch(() => {})
    const rest = [...open]
    while (rest.length > 0) {
      const some = rest.splice(0, 3)
      await Promise.all(
        some.map(async (deed) => {
          try {
            await deed.work(accounts)
            open.delete(deed)
            done.add(deed)
          } catch (error) {
            const { ran } = error as ActorError
            // Nobody can tell whether it was done, and it cannot be done again.
            if (ran !== 'no' && !deed.isRepeatable) open.delete(deed)
          }
        }),
      )
    }
  } catch (error) {
    if (!(error instanceof ActorError)) throw error
  } finally {
    await dispatcher.close({ mode: 'kill' })
  }
}

/** What both hold once nothing is under way any more. */
async function recover(store: Store): Promise<Record<'a' | 'b', string[]>> {
  const dispatcher = new Dispatcher({ store, log: () => {} })
  const a = await dispatcher.spawn(Account, { name: 'a' })
  const b = await dispatcher.spawn(Account, { name: 'b' })
  const isSent = async (): Promise<boolean> => (await store.read('a/')).every(({ key }) => !key.startsWith('a/out/'))
  for (let round = 0; round < 1_000 && !(await isSent()); round++)
    await new Promise((resolve) => setTimeout(resolve, 2))
  const held = { a: await a.applied(), b: await b.applied() }
  await dispatcher.close()
  return held
}

declare const setTimeout: (fn: (value: unknown) => void, ms: number) => unknown

const times = (ids: readonly string[], id: string): number => ids.filter((other) => other === id).length

/**
 * Does `count` deeds on a store that fails where `plan` says, one fault for each run, and then without faults. Returns what
 * did not hold: each deed that was acknowledged is there once, none twice, and each recovery finds the same.
 */
async function crash(inner: Store, plan: readonly Fault[], count: number): Promise<Faults> {
  const all = deeds(count)
  const open = new Set(all)
  const done = new Set<Deed>()
  for (const fault of plan) await run(new FailingStore(inner, fault), open, done)
  await run(inner, open, done)
  const found: Faults = []
  const held = await recover(inner)
  for (const deed of all) {
    const own = times(held.a, deed.id)
    const passed = times(held.b, deed.id)
    if (own > 1 || passed > 1) found.push(`${deed.id} was applied ${own} and ${passed} times`)
    if (done.has(deed) && own !== 1) found.push(`${deed.id} was acknowledged and applied ${own} times`)
    if (own !== passed && deed.work.toString().includes('pass'))
      found.push(`${deed.id}: ${own} times, passed on ${passed}`)
    if (deed.isRepeatable && !done.has(deed)) found.push(`${deed.id} was never done`)
  }
  for (let round = 0; round < 2; round++) {
    const again = await recover(inner)
    if (JSON.stringify(again) !== JSON.stringify(held)) found.push(`another recovery found ${JSON.stringify(again)}`)
  }
  return found.map((text) => `${text}, with ${JSON.stringify(plan)}`)
}

/** What was tried, and what did not hold. */
export interface Found {
  readonly ways: number
  readonly found: readonly string[]
}

/** Does `count` deeds on a new store for each way in which one can fail: at each commit, and with `pairs` at each two. */
export async function crashes(open: () => Promise<Store>, count: number, pairs: boolean): Promise<Found> {
  const counted = new FailingStore(await open())
  await run(counted, new Set(deeds(count)), new Set())
  const all = plans(counted.commits, pairs)
  const found: string[] = []
  for (const plan of all) {
    const store = await open()
    found.push(...(await crash(store, plan, count)))
    await store.close()
  }
  return { ways: all.length, found }
}

const WHEN = ['before', 'after'] as const

/** Each fault alone, and with `pairs` each pair of them; those that fail but once, too. */
function plans(commits: number, pairs: boolean): Fault[][] {
  const single: Fault[] = Array.from({ length: commits }, (_, at) => WHEN.map((when) => ({ at, when }))).flat()
  const blips = single.map((fault) => [{ ...fault, once: true }])
  const two = pairs ? single.flatMap((first) => single.map((second) => [first, second])) : []
  return [...single.map((fault) => [fault]), ...blips, ...two]
}

/** Damages each record of an actor in each way, and tells of those that no start detects. */
export async function damages(open: () => Promise<Store>): Promise<Found> {
  const store = await open()
  const old = await written(store, 1)
  const records = await written(store, 2)
  const found: string[] = []
  let ways = 0
  const attempt = async (about: string, key: string, value: Uint8Array | undefined): Promise<void> => {
    ways++
    const right = records.get(key)
    await store.commit([{ changes: [{ key, value }] }])
    const code = await codeOfStart(store)
    if (code !== 'stored-failed') found.push(`${key}, ${about}: ${code}`)
    for (const { key: other } of await store.read('a/'))
      await store.commit([{ changes: [{ key: other, value: undefined }] }])
    await store.commit([{ changes: [...records].map(([name, bytes]) => ({ key: name, value: bytes })) }])
    if (right === undefined) throw new Error(`${key} is not there`)
  }
  for (const [key, record] of records) {
    for (const length of [0, 3, record.length - 1]) await attempt(`torn at ${length}`, key, record.slice(0, length))
    for (let place = 0; place < record.length; place += Math.max(1, Math.floor(record.length / 8)))
      await attempt(
        `byte ${place} flipped`,
        key,
        record.map((byte, at) => (at === place ? byte ^ 4 : byte)),
      )
    const before = old.get(key)
    if (before && !isSameBytes(before, record)) await attempt('of before', key, before)
    await attempt('missing', key, undefined)
  }
  await store.close()
  return { ways, found }
}

/** The records of an actor that did `times` deeds, and has a message in its inbox. */
async function written(store: Store, count: number): Promise<Map<string, Uint8Array>> {
  const dispatcher = new Dispatcher({ store, log: () => {} })
  const a = await dispatcher.spawn(Account, { name: 'a' })
  for (let n = 0; n < count; n++) await ask(a, { key: `key-${n}` }).apply(`${n}`)
  await suspend(a)
  await tell(a, { ack: 'stored' }).apply('waits')
  await dispatcher.close({ mode: 'kill' })
  return new Map((await store.read('a/')).map(({ key, value }) => [key, value]))
}

async function codeOfStart(store: Store): Promise<string> {
  const dispatcher = new Dispatcher({ store, log: () => {} })
  try {
    await dispatcher.spawn(Account, { name: 'a' })
    return 'it started'
  } catch (error) {
    return (error as ActorError).code
  } finally {
    await dispatcher.close({ mode: 'kill' })
  }
}
