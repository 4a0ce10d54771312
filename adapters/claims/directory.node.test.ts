import { describe, expect, test } from 'vitest'
import { Actor, Dispatcher, isAlive, type Proxy, stop } from '../../core/index.js'
import { ENGINES } from '../fixtures/engines.js'
import { RunningEngine } from '../fixtures/running-engine.js'
import { SlowWay } from '../fixtures/slow-way.js'
import type { ClusterDirectory } from './cluster-directory.js'

class Echo extends Actor {
  say(text: string): string {
    return text
  }
}

/** A process of the cluster: a dispatcher, and its directory. */
interface Node {
  readonly realm: Dispatcher
  readonly directory: ClusterDirectory
  /** Closes its client. */
  leave(): void
}

describe.each(ENGINES.filter(({ name }) => name !== 'ioredis'))('a directory over $name', (engine) => {
  const running = new RunningEngine(engine)

  async function open(lease = 1_000): Promise<readonly [Node, Node] & AsyncDisposable> {
    const place = running.place()
    const node = async (id: string): Promise<Node> => {
      const user = await running.connect()
      const realm = new Dispatcher({ id, log: () => {} })
      return { realm, directory: engine.directory(realm, user.client, place, lease), leave: () => user.close() }
    }
    const nodes = [await node('one'), await node('other')] as const
    const close = async (): Promise<void> => void (await Promise.all(nodes.map(({ realm }) => realm.close())))
    return Object.assign(nodes, { [Symbol.asyncDispose]: close })
  }

  test('a name that one process gave to an actor is refused to another one, until the actor ends', async () => {
    await using nodes = await open()
    const [one, other] = nodes
    const echo = await one.directory.spawn(Echo, { name: 'echo' })
    expect(await echo.say('hello')).toBe('hello')
    await expect(other.directory.spawn(Echo, { name: 'echo' })).rejects.toMatchObject({ code: 'name-taken' })
    await expect(one.directory.spawn(Echo, { name: 'echo' })).rejects.toMatchObject({ code: 'name-taken' })
    expect(other.realm.info().actors).toEqual([])
    expect(await other.directory.exists('echo')).toBe(true)
    const first = one.directory.token('echo')!
    expect(await other.directory.actors()).toEqual([{ name: 'echo', realm: 'one', token: first }])
    await stop(echo)
    await expect.poll(() => other.directory.exists('echo')).toBe(false)
    await other.directory.spawn(Echo, { name: 'echo' })
    expect(other.directory.token('echo')).toBeGreaterThan(first)
  })

  test('registers further names, and gives them back', async () => {
    await using nodes = await open()
    const [one, other] = nodes
    const echo = await one.realm.spawn(Echo)
    await one.directory.register('alias', echo)
    expect(await (await one.realm.lookup<Echo>('alias'))!.say('hi')).toBe('hi')
    const theirs = await other.realm.spawn(Echo)
    await expect(other.directory.register('alias', theirs)).rejects.toMatchObject({ code: 'name-taken' })
    expect(await other.directory.unregister('alias')).toBe(false)
    expect(await one.directory.unregister('alias')).toBe(true)
    expect(await one.realm.lookup('alias')).toBeUndefined()
    await other.directory.register('alias', theirs)
  })

  test('keeps no name for an actor that did not start', async () => {
    await using nodes = await open()
    const [one, other] = nodes
    class Broken extends Actor {
      override onStart(): void {
        throw new Error('broken')
      }
    }
    await expect(one.directory.spawn(Broken, { name: 'a' })).rejects.toMatchObject({ code: 'start-failed' })
    await other.directory.spawn(Echo, { name: 'a' })
    await other.realm.spawn(Echo, { name: 'local' })
    await expect(other.directory.spawn(Echo, { name: 'local' })).rejects.toMatchObject({ code: 'name-taken' })
    expect(await one.directory.exists('local')).toBe(false)
  })

  test('of two processes that race for a name, one gets it', async () => {
    await using nodes = await open()
    for (let round = 0; round < 50; round++) {
      const spawning = nodes.map(({ directory }) => directory.spawn(Echo, { name: `racer ${round}` }))
      const results = await Promise.allSettled(spawning)
      expect(results.filter(({ status }) => status === 'fulfilled').length).toBe(1)
    }
    expect((await nodes[0].directory.actors()).length).toBe(50)
  })

  test('an actor whose name another one may have is killed', async () => {
    await using nodes = await open(500)
    const [one] = nodes
    const echo: Proxy<Echo> = await one.directory.spawn(Echo, { name: 'echo' })
    const plain = await one.realm.spawn(Echo)
    await one.directory.register('alias', plain)
    await running.server.kill()
    await expect.poll(() => isAlive(echo), { timeout: 5_000 }).toBe(false)
    // Its lease began later.
    await expect.poll(() => one.realm.lookup('alias'), { timeout: 5_000 }).toBeUndefined()
    expect(await isAlive(plain)).toBe(true)
  })

  test('an actor that is spawned while the server is away has its name for a whole lease', async () => {
    await using nodes = await open(500)
    const [one, other] = nodes
    await stop(await one.directory.spawn(Echo, { name: 'first' }))
    await running.server.kill()
    const spawning = one.directory.spawn(Echo, { name: 'echo' })
    await new Promise((resolve) => setTimeout(resolve, 800))
    await running.server.start()
    const echo = await spawning
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await isAlive(echo)).toBe(true)
    expect(await other.directory.exists('echo')).toBe(true)
  })

  test('no actor is made where answers come too late to keep its name', async () => {
    using way = await SlowWay.open(running.server.port)
    const place = running.place()
    const user = await running.connect(way.port)
    await using realm = new Dispatcher({ log: () => {} })
    const directory = engine.directory(realm, user.client, place, 400)
    await stop(await directory.spawn(Echo, { name: 'first' }))
    way.delay = 250
    await expect(directory.spawn(Echo, { name: 'echo' })).rejects.toMatchObject({ code: 'unknown' })
    expect(realm.info().actors).toEqual([])
    way.delay = 0
    await expect.poll(() => directory.exists('echo'), { timeout: 5_000 }).toBe(false)
  })

  test('gives the names of a dispatcher back before close() resolves: its client may be closed then', async () => {
    await using nodes = await open(60_000)
    const [one, other] = nodes
    await one.directory.spawn(Echo, { name: 'a' })
    await one.directory.register('b', await one.realm.spawn(Echo))
    await one.realm.close()
    one.leave()
    expect(await other.directory.actors()).toEqual([])
    await other.directory.spawn(Echo, { name: 'a' })
  })

  test('does not wait for a server that stands still when its dispatcher is killed, or for longer than that has time', async () => {
    const closed = async (...ways: Parameters<Dispatcher['close']>[0][]): Promise<number> => {
      using way = await SlowWay.open(running.server.port)
      const realm = new Dispatcher({ log: () => {} })
      const { client } = await running.connect(way.port)
      const directory = engine.directory(realm, client, running.place(), 60_000)
      await directory.spawn(Echo, { name: 'a' })
      await directory.register('b', await realm.spawn(Echo))
      way.delay = 60_000
      const start = performance.now()
      await Promise.all(ways.map((options) => realm.close(options)))
      return performance.now() - start
    }
    expect(await closed({ mode: 'kill' })).toBeLessThan(1_000)
    expect(await closed({}, { mode: 'kill' })).toBeLessThan(1_000)
    expect(await closed({}, { timeout: 300 })).toBeLessThan(1_300)
    const late = await closed({ timeout: 300 })
    expect(late).toBeLessThan(1_300)
    expect(late).toBeGreaterThan(250)
  })

  test('refuses wrong arguments', async () => {
    await using nodes = await open()
    const [{ directory, realm }] = nodes
    const wrong = [
      directory.spawn(Echo),
      directory.spawn(Echo, { name: 'a/b' }),
      directory.exists(''),
      directory.exists('x'.repeat(256)),
    ]
    for (const call of wrong) await expect(call).rejects.toMatchObject({ code: 'malformed' })
    expect(() => engine.directory(realm, {}, 'a', 1_000)).toThrow(expect.objectContaining({ code: 'malformed' }))
    const { client } = await running.connect()
    expect(() => engine.directory({} as never, client, 'a', 1_000)).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    )
  })
})
