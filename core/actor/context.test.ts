import { expect, test } from 'vitest'
import { Deferred } from '../ground/deferred.js'
import { Actor, ask, Dispatcher, type Proxy } from '../index.js'
import { linkedPair } from '../testing/index.js'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

class Vault extends Actor {
  static concurrency = Infinity
  #doors: Deferred<void>[] = []

  async whose(): Promise<unknown> {
    const { context } = this
    await this.#door()
    return context.caller?.user
  }

  async late(): Promise<unknown> {
    await this.#door()
    return this.context.caller?.user
  }

  async through(other: Proxy<Vault>): Promise<unknown> {
    const { context } = this
    await this.#door()
    return context.ask(other).whose()
  }

  waiting(): number {
    return this.#doors.length
  }

  open(): void {
    for (const door of this.#doors.splice(0)) door.resolve()
  }

  async #door(): Promise<void> {
    const door = new Deferred<void>()
    this.#doors.push(door)
    await door.promise
  }
}

test('each of several messages has the context that it took', async () => {
  const linked = await linkedPair({ actors: { Vault }, authorize: () => ({ user: 'alice' }) })
  const vault = await linked.peer.spawn('Vault', { name: 'vault' })
  const here = (await linked.far.lookup<Vault>('vault'))!
  const [alice, nobody] = [vault.whose(), here.whose()]
  while ((await vault.waiting()) < 2);
  await vault.open()
  expect([await alice, await nobody]).toEqual(['alice', undefined])
  await linked.close()
})

test('a context that was not taken says so, and is nobody else’s', async () => {
  const vault = await new Dispatcher().spawn(Vault)
  const late = outcome(vault.late())
  await vault.open()
  expect(await late).toMatchObject({ code: 'not-found', message: expect.stringContaining('concurrency') as string })
})

test('one who aborts ends what was asked for on his behalf only', async () => {
  const dispatcher = new Dispatcher()
  const [upper, lower] = [await dispatcher.spawn(Vault), await dispatcher.spawn(Vault)]
  const controller = new AbortController()
  const [kept, aborted] = [upper.through(lower), outcome(ask(upper, { signal: controller.signal }).through(lower))]
  await upper.open()
  while ((await lower.waiting()) < 2);
  controller.abort()
  expect(await aborted).toMatchObject({ code: 'aborted' })
  await lower.open()
  expect(await kept).toBe(undefined)
  await dispatcher.close()
})
