import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { group } from '../../core/group/index.js'
import { Actor, Dispatcher, info, type Proxy, stop } from '../../core/index.js'
import { nats } from '../brokers/nats.js'
import { redis } from '../brokers/redis.js'
import { ENGINES } from '../fixtures/engines.js'
import { RunningEngine } from '../fixtures/running-engine.js'
import type { ClusterDirectory } from '../claims/cluster-directory.js'

class Singer extends Actor {
  readonly #voice: string
  #songs = 0
  constructor(voice: string) {
    super()
    this.#voice = voice
  }
  sing(song: string): string {
    this.#songs++
    return `${this.#voice}: ${song}`
  }
  songs(): number {
    return this.#songs
  }
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

// What users of Redis-backed actors do with names, channels and locks, with a bus, a directory and locks together.
describe.each(ENGINES)('processes that share $name', (engine) => {
  const running = new RunningEngine(engine)

  async function open(count: number) {
    const place = running.place()
    const made: { realm: Dispatcher; directory: ClusterDirectory; client: object }[] = []
    for (let n = 0; n < count; n++) {
      const { client } = await running.connect()
      const realm = new Dispatcher({ id: `node-${n}`, log: () => {} })
      const directory = engine.directory(realm, client, place, 2_000)
      const prefix = place.replaceAll(/[^\w-]/g, '-')
      await realm.join(engine.name === 'nats' ? nats(client as never, { prefix }) : redis(client as never, { prefix }))
      made.push({ realm, directory, client })
    }
    const full = (): boolean => made.every(({ realm }) => realm.peers.length === count - 1)
    await expect.poll(full, { timeout: 10_000 }).toBe(true)
    const close = async (): Promise<void> => void (await Promise.all(made.map(({ realm }) => realm.close())))
    return { nodes: made, place, [Symbol.asyncDispose]: close }
  }

  test('reach an actor by its id alone, and see its methods', async () => {
    await using cluster = await open(2)
    const [one, other] = cluster.nodes
    const id = randomUUID()
    const own = await one!.directory.spawn(Singer, { name: id, args: ['alto'] })
    expect(await other!.directory.exists(id)).toBe(true)
    await expect.poll(() => other!.realm.lookup(id)).toBeDefined()
    const singer = (await other!.realm.lookup<Singer>(id))!
    expect((await info(own)).methods.toSorted()).toEqual(['sing', 'songs'])
    expect(await singer.sing('la')).toBe('alto: la')
    await stop(own)
    expect(await outcome(singer.sing('la'))).toMatchObject({ ran: 'no' })
    await expect.poll(() => other!.directory.exists(id)).toBe(false)
    expect(await other!.realm.lookup(id)).toBeUndefined()
  })

  test('call all on a channel, of whom the number is told first, or any one of them, and fail at once on an empty one', async () => {
    await using cluster = await open(3)
    const choirs = cluster.nodes.map(({ realm }) => group<Singer>(realm, 'choir'))
    const [first] = choirs
    expect(await outcome(first!.any.sing('la'))).toMatchObject({ code: 'empty-group', ran: 'no' })
    expect(await outcome(first!.all.sing('la')[Symbol.asyncIterator]().next())).toMatchObject({ code: 'empty-group' })
    const singers: Proxy<Singer>[] = []
    for (const [n, { realm }] of cluster.nodes.entries()) {
      const singer = await realm.spawn(Singer, { args: [`voice ${n}`] })
      choirs[n]!.join(singer)
      singers.push(singer)
    }
    for (const choir of choirs) await expect.poll(async () => (await choir.members()).length).toBe(3)
    const replies = first!.all.sing('la')
    expect(await replies.expected).toBe(3)
    const heard: string[] = []
    for await (const reply of replies) heard.push(reply.status === 'fulfilled' ? reply.value : String(reply.reason))
    expect(heard.sort()).toEqual(['voice 0: la', 'voice 1: la', 'voice 2: la'])
    await Promise.all(Array.from({ length: 100 }, (_, n) => choirs[n % 3]!.any.sing('la')))
    const songs = await Promise.all(singers.map((singer) => singer.songs()))
    expect(songs.reduce((sum, each) => sum + each)).toBe(103)
    choirs[2]!.leave(singers[2]!)
    await expect.poll(async () => (await first!.members()).length).toBe(2)
  })

  test('hold a lock with a context, which is free when its time is over', async () => {
    await using cluster = await open(2)
    const [one, other] = cluster.nodes.map(({ client }) => engine.locks(client, cluster.place, 1_000))
    const held = await one!.acquire('stage', { context: { who: 'alto' } })
    expect(await other!.tryAcquire('stage')).toBeUndefined()
    expect(await other!.holder('stage')).toMatchObject({ token: held.token, context: { who: 'alto' } })
    await held.release()
    await using next = await other!.acquire('stage', { timeout: 5_000 })
    expect(next.token).toBeGreaterThan(held.token)
  })
})
