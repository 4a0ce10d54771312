import { beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../core/adapter.js'
import { Actor, ask, Dispatcher, stop, tell } from '../../core/index.js'
import { durable } from '../../core/durable/index.js'
import { sharded } from '../../core/sharded/index.js'
import { crashes, damages } from '../../core/testing/durable-crashes.js'
import { ENGINES } from '../fixtures/engines.js'
import { RunningEngine } from '../fixtures/running-engine.js'

class Ledger extends Actor {
  static durable = durable()
  #entries: string[] = []
  override snapshot(): unknown {
    return this.#entries
  }
  override restore(entries: string[]): void {
    this.#entries = entries
  }
  enter(entry: string): number {
    return this.#entries.push(entry)
  }
  entries(): string[] {
    return this.#entries
  }
}

// The two libraries of Redis differ in nothing that matters here.
describe.each(ENGINES.filter(({ name }) => name !== 'ioredis'))('durable actors on $name', (engine) => {
  const running = new RunningEngine(engine)
  let client: object

  beforeAll(async () => void ({ client } = await running.connect()))
  const open = async (): Promise<Store> => engine.store(client, running.place())

  test('whatever commit fails, alone or in pairs, nothing acknowledged is lost and nothing is applied twice', async () => {
    const { ways, found } = await crashes(open, 4, true)
    console.info(`${ways} ways to fail`)
    expect(found).toEqual([])
  }, 120_000)

  test('an actor of any key is stored', async () => {
    await using dispatcher = new Dispatcher({ store: await open(), log: () => {} })
    const ledgers = sharded(dispatcher, Ledger, { name: 'Ledger' })
    const keys = ['☃'.repeat(256), '☃'.repeat(255), '😀'.repeat(128), 'a b/c.*>\0', '='.repeat(256)]
    for (const key of keys) expect(await ledgers.get(key).enter(key)).toBe(1)
    for (const key of keys) await stop(ledgers.get(key))
    for (const key of keys) expect(await ledgers.get(key).entries()).toEqual([key])
  })

  test('a record that is torn, flipped, old or missing is detected', async () => {
    const { ways, found } = await damages(open)
    console.info(`${ways} ways to damage a record`)
    expect(found).toEqual([])
  }, 60_000)

  test('calls and stored messages go on over kills of the server, each done once', async () => {
    await using dispatcher = new Dispatcher({ store: await open(), log: () => {} })
    const ledger = await dispatcher.spawn(Ledger, { name: 'ledger' })
    const done: string[] = []
    let isOver = false
    const work = async (worker: number): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        const key = `${worker}/${n}`
        if (n % 2 === 0) await ask(ledger, { key }).enter(key)
        else await tell(ledger, { key, ack: 'stored' }).enter(key)
        done.push(key)
      }
    }
    const working = Promise.all([0, 1, 2, 3].map(work))
    for (let kill = 0; kill < 10; kill++) {
      const before = done.length
      await expect.poll(() => done.length).toBeGreaterThan(before + 10)
      await running.server.kill()
      await running.server.start()
    }
    isOver = true
    await working
    const entries = await ledger.entries()
    expect(new Set(entries).size).toBe(entries.length)
    expect(new Set(entries)).toEqual(new Set(done))
  }, 60_000)
})
