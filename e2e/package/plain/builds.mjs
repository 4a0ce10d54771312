// Both builds, in full and without prose: they have the same exports, and fail with the same codes and names.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const { exports } = createRequire(import.meta.url)('troupe/package.json')
const folder = import.meta.resolve('troupe/package.json')
const load = (entry, condition) => import(new URL(exports[entry][condition], folder).href)

for (const entry of Object.keys(exports)) {
  // Those two are for users who have Comlink, and idb.
  if (['./package.json', './comlink', './indexeddb'].includes(entry)) continue
  const [full, lean] = [await load(entry, 'node'), await load(entry, 'default')]
  assert.equal(full, await import(`troupe${entry.slice(1)}`))
  assert.deepEqual(Object.keys(lean), Object.keys(full))
  const namesOf = (module) => Object.values(module).map((value) => value.name)
  assert.deepEqual(namesOf(lean), namesOf(full))
}

// The build without prose keeps what a class is to define.
{
  const { Actor, Dispatcher } = await load('.', 'default')
  const { durable, memoryStore } = await load('./durable', 'default')
  class Counter extends Actor {
    static durable = durable()
    count = 0
    snapshot() {
      return this.count
    }
    restore(count) {
      this.count = count
    }
    add() {
      return ++this.count
    }
  }
  const store = memoryStore()
  for (const count of [1, 2]) {
    const dispatcher = new Dispatcher({ store })
    assert.equal(await (await dispatcher.spawn(Counter, { name: 'counter' })).add(), count)
    await dispatcher.close()
  }
}

/** What is done wrong, and the names that the error has to hold. */
const MISTAKES = [
  { names: [], make: ({ dispatcher }) => dispatcher.spawn({}) },
  { names: ['a/b'], make: ({ dispatcher, Sleeper }) => dispatcher.spawn(Sleeper, { name: 'a/b' }) },
  { names: ['one'], make: ({ dispatcher, Sleeper }) => dispatcher.spawn(Sleeper, { id: 'one' }) },
  { names: ['Broken'], make: ({ dispatcher, Broken }) => dispatcher.spawn(Broken) },
  { names: ['Nothing', 'Sleeper'], make: ({ peer }) => peer.spawn('Nothing') },
  { names: ['wake'], make: ({ sleeper }) => sleeper.wake() },
  { names: ['sleep'], make: ({ sleeper, ask }) => ask(sleeper, { timeout: 1 }).sleep() },
  { names: ['list[1]'], make: async ({ peer }) => (await peer.spawn('Sleeper')).sleep({ list: [1, Symbol('x')] }) },
  { names: ['sleeper', 'sleep'], make: ({ sleeper, kill }) => [sleeper.sleep(), kill(sleeper)][0] },
  { names: ['sleeper', 'sleep'], make: ({ sleeper }) => sleeper.sleep() },
  { names: ['refuse'], make: ({ refuser, ask }) => ask(ask(refuser).refuse()).sleep() },
  // The code of these is not the first that the error had.
  {
    names: ['/sleeper'],
    make: ({ ActorError }) => Promise.reject(new ActorError('unreachable', '/sleeper').asRunning()),
  },
  { names: [], make: ({ ActorError }) => Promise.reject(new ActorError('unreachable', '').asRunning()) },
]

/** The errors of one build, in the order of the mistakes. */
async function failures(condition) {
  const { Actor, ActorError, Dispatcher, ask, kill } = await load('.', condition)
  const { memory } = await load('./memory', condition)
  class Sleeper extends Actor {
    sleep() {
      return new Promise(() => {})
    }
    refuse() {
      throw new Error('no')
    }
  }
  class Broken extends Actor {
    constructor() {
      super()
      throw new Error('broken')
    }
  }
  const dispatcher = new Dispatcher()
  const server = new Dispatcher()
  const [near, far] = memory()
  await server.listen(far, { actors: { Sleeper } })
  const peer = await dispatcher.connect(near)
  const sleeper = await dispatcher.spawn(Sleeper, { id: 'one', name: 'sleeper' })
  const refuser = await peer.spawn('Sleeper')
  const given = { dispatcher, peer, sleeper, refuser, Sleeper, Broken, ActorError, ask, kill }
  const errors = []
  for (const { make } of MISTAKES) {
    await assert.rejects(make(given), (error) => {
      errors.push(error)
      return error instanceof ActorError
    })
  }
  await dispatcher.close()
  await server.close()
  return errors
}

const [full, lean] = [await failures('node'), await failures('default')]
for (const [i, { names }] of MISTAKES.entries()) {
  const { code, ran, message } = lean[i]
  assert.deepEqual([code, ran], [full[i].code, full[i].ran])
  const rest = message.slice(`[troupe] ${code}`.length)
  assert.equal(message, `[troupe] ${code}${rest}`)
  assert.match(rest, names.length === 0 ? /^$/ : /^: \S/)
  assert.doesNotMatch(rest, /[a-z-]+: /)
  for (const name of names) {
    assert.ok(full[i].message.includes(name), full[i].message)
    assert.ok(rest.includes(name), message)
  }
}
