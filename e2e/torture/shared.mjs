// node shared.mjs OPERATIONS [SEED]
// Two threads contend on each shared object with so many random operations, and what must hold of it holds.
import assert from 'node:assert/strict'
import { Worker } from 'node:worker_threads'
import { Dispatcher } from 'troupe'
import {
  Barrier,
  BoundedSemaphore,
  Channel,
  Condition,
  Event,
  Iterator,
  JoinableQueue,
  Lock,
  Namespace,
  Queue,
  RLock,
  RwLock,
  Semaphore,
  SharedArray,
  SharedMap,
  Value,
} from 'troupe/shared'
import { workerThread } from 'troupe/worker-threads'

/** Loops in both threads together. */
const LOOPS = 8
const [given = 1_000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number)
const operations = Math.ceil(given / LOOPS) * LOOPS

function* numbers() {
  for (let n = 0; ; n++) yield n
}

const free = async (object) => assert.equal(await object.locked(), false, 'it is held at the end')
/** Each of the first `count` items was got once. */
const once = (count) => (_, memory) =>
  assert(
    memory.subarray(0, count).every((times) => times === 1),
    'an item was lost or doubled',
  )

/** Each object, its arguments, and what holds at the end. */
const CONTESTS = [
  [Lock, [], free],
  [RLock, [], free],
  [RwLock, [], free],
  [Semaphore, [3], async (object) => assert.equal(await object.available(), 3)],
  [BoundedSemaphore, [3], async (object) => assert.equal(await object.available(), 3)],
  [Condition, [], free],
  [Event, [], async (object) => (await object.set(), object.wait())],
  [Barrier, [LOOPS], async (object) => assert.equal(await object.waiting(), 0)],
  [Queue, [5], once(operations / 2)],
  [
    JoinableQueue,
    [5],
    async (object, memory) => {
      await object.join()
      once(operations / 2)(object, memory)
    },
  ],
  [Channel, [], once(operations / 2)],
  [Value, [0], async (object, memory) => assert.equal(await object.get(), memory[0])],
  [Namespace, [], async (object) => assert.equal(Object.keys(await object.all()).length, operations)],
  [
    SharedMap,
    [],
    async (object, memory) => {
      for (const [key, value] of await object.entries()) assert.equal(value, memory[key])
      assert.equal(
        memory.subarray(0, 5).reduce((sum, each) => sum + each),
        operations,
      )
    },
  ],
  [SharedArray, [], once(operations)],
  [Iterator, [numbers()], once(operations)],
]

console.log(`shared: seed ${seed}`)
const dispatcher = new Dispatcher()
const realms = await Promise.all(
  [0, 1].map(async () => {
    const make = () => new Worker(new URL('shared-worker.mjs', import.meta.url))
    const peer = await dispatcher.connect(workerThread(make))
    return peer.spawn('Contender')
  }),
)
const start = performance.now()
for (const [kind, args, holds] of CONTESTS) {
  const object = await dispatcher.spawn(kind, { args })
  const shared = new SharedArrayBuffer(8 + 4 * operations)
  const began = performance.now()
  await Promise.all(realms.map((realm, n) => realm.contend(kind.name, object, shared, seed, n, operations)))
  await holds(object, new Int32Array(shared, 8))
  console.log(`${kind.name}: ${operations} operations in ${Math.round(performance.now() - began)} ms`)
}
await dispatcher.close()
const seconds = Math.round((performance.now() - start) / 1_000)
console.log(`shared: ${CONTESTS.length} objects, seed ${seed}, ${seconds} s: what must hold held`)
