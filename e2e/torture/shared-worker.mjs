// One of the realms that contend: what its loops do is drawn with a seed, and told in memory that all realms see.
import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from 'troupe'
import { acquire } from 'troupe/shared'
import { host } from 'troupe/worker-threads'

const LOOPS = 4

/** mulberry32 */
function seeded(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function check(isRight, text) {
  if (!isRight) throw new Error(text)
}

/** Sometimes a moment, mostly none. */
const moment = (random) => (random() < 0.1 ? sleep(random() * 2) : undefined)

/** Counts who is inside, which must be `most` at most. */
async function inside(memory, place, most, random) {
  const count = Atomics.add(memory, place, 1) + 1
  check(count <= most, `${count} hold what ${most} may hold`)
  await moment(random)
  Atomics.sub(memory, place, 1)
}

/** No holder may have a token below one that was used. */
function use(tokens, token) {
  check(Atomics.exchange(tokens, 0, BigInt(token)) < BigInt(token), `the token ${token} came after a larger one`)
}

/** Acquires in one of the ways that there are, does `work`, and releases; gives up in some cases. */
async function hold(lock, random, options, work) {
  const way = random()
  if (way < 0.15) {
    const controller = new AbortController()
    const gaveUp = sleep(random() * 3).then(() => controller.abort())
    try {
      // It may be lost at any time from here on: nothing is done with it.
      const held = await acquire(lock, { ...options, signal: controller.signal })
      await held.release()
    } catch (error) {
      check(error.code === 'aborted', `acquire was rejected with ${error.code}`)
    }
    await gaveUp
  } else if (way < 0.2) {
    const token = await ask(lock).acquire({ ...options, lease: 2 })
    await sleep(20)
    check(!(await lock.release(token)), `the token ${token} was taken after its lease`)
  } else if (way < 0.4) {
    const token = await lock.acquire(options)
    await work(token)
    check(await lock.release(token), `the token ${token} was lost`)
    check(!(await lock.release(token)), `the token ${token} was released twice`)
  } else {
    const held = await acquire(lock, options)
    await work(held.token)
    check(!held.signal.aborted, `the token ${held.token} was lost`)
    await held.release()
  }
}

/** What one loop does `times` times: it begins with `first`, the number of its first operation. */
const PLAYS = {
  async Lock({ object, memory, tokens, random }) {
    await hold(object, random, {}, async (token) => {
      use(tokens, token)
      await inside(memory, 0, 1, random)
    })
  },
  async RLock({ object, memory, tokens, random }) {
    await hold(object, random, {}, async (token) => {
      use(tokens, token)
      const again = await acquire(object, { within: token })
      check(again.token === token, 'the token is another one within')
      await inside(memory, 0, 1, random)
      await again.release()
      check(await object.check(token), 'it was released with the inner one')
    })
  },
  async Semaphore({ object, memory, random }) {
    await hold(object, random, {}, () => inside(memory, 0, 3, random))
  },
  async BoundedSemaphore({ object, memory, random }) {
    await hold(object, random, { n: 2 }, () => inside(memory, 0, 1, random))
  },
  async RwLock({ object, memory, random }) {
    const isWriter = random() < 0.3
    await hold(object, random, { mode: isWriter ? 'write' : 'read' }, async () => {
      if (isWriter) {
        check(Atomics.load(memory, 1) === 0, 'somebody reads while one writes')
        await inside(memory, 0, 1, random)
      } else {
        Atomics.add(memory, 1, 1)
        check(Atomics.load(memory, 0) === 0, 'somebody writes while one reads')
        await moment(random)
        Atomics.sub(memory, 1, 1)
      }
    })
  },
  /** A buffer of 3: one takes from it, or puts into it, and waits while it cannot. */
  async Condition({ object, memory, random, puts }) {
    const held = await acquire(object)
    let { token } = held
    const isRoom = () => (puts ? Atomics.load(memory, 1) < 3 : Atomics.load(memory, 1) > 0)
    while (!isRoom()) {
      token = await object.wait(token)
      check(await object.check(token), 'the lock is not held after the wait')
    }
    await inside(memory, 0, 1, random)
    Atomics.add(memory, 1, puts ? 1 : -1)
    await object.notifyAll(token)
    await held.release()
  },
  async Event({ object, random }) {
    if (random() < 0.5) await object.set()
    else if (random() < 0.3) await object.clear()
    else {
      const waits = object.wait()
      await object.set()
      await waits
    }
  },
  /** All loops come to each round, so none is a round ahead. */
  async Barrier({ object, memory, loop, round }) {
    Atomics.store(memory, loop, round)
    const place = await object.wait()
    check(place < 2 * LOOPS, `the place ${place}`)
    for (let each = 0; each < 2 * LOOPS; each++)
      check(Math.abs(Atomics.load(memory, each) - round) <= 1, `a loop is at another round than ${round}`)
  },
  async Queue({ object, memory, puts, item }) {
    if (puts) await object.put(item)
    else Atomics.add(memory, await object.get(), 1)
  },
  async JoinableQueue(play) {
    const { object, memory, random, puts, item } = play
    if (puts) return object.put(item)
    for await (const each of object.take(1)) {
      // Left in the middle of it: it goes to another one, and this takes again.
      if (random() < 0.2) return PLAYS.JoinableQueue(play)
      Atomics.add(memory, each, 1)
    }
  },
  async Channel({ object, memory, puts, item }) {
    if (puts) await object.send(item)
    else Atomics.add(memory, (await object.receive()).value, 1)
  },
  async Value({ object, memory, random }) {
    const by = Math.floor(random() * 10)
    const way = random()
    if (way < 0.4) await object.add(by)
    else if (way < 0.7) await object.update((value) => value + by)
    else {
      let value = await object.get()
      while (!(await object.compareAndSet(value, value + by))) value = await object.get()
    }
    Atomics.add(memory, 0, by)
  },
  async Namespace({ object, n }) {
    await object.set(`n${n}`, n)
    check((await object.get(`n${n}`)) === n, 'a value is another one')
  },
  async SharedMap({ object, memory, random }) {
    const key = Math.floor(random() * 5)
    await object.update(key, (value = 0) => value + 1)
    Atomics.add(memory, key, 1)
  },
  async SharedArray({ object, memory, n, random }) {
    await object.push(n)
    await moment(random)
    Atomics.add(memory, await object.shift(), 1)
  },
  async Iterator({ object, memory }) {
    Atomics.add(memory, (await object.next()).value, 1)
  },
}

class Contender {
  async contend(kind, object, shared, seed, realm, operations) {
    const memory = new Int32Array(shared, 8)
    const tokens = new BigInt64Array(shared, 0, 1)
    const loops = Array.from({ length: LOOPS }, async (_, index) => {
      const loop = 2 * index + realm
      const random = seeded(seed * 31 + loop)
      const rounds = operations / (2 * LOOPS)
      for (let round = 0; round < rounds; round++) {
        const n = round * 2 * LOOPS + loop
        // What two of the four loops put, the two others take.
        const puts = index % 2 === 0
        const item = round * LOOPS + index + realm
        await PLAYS[kind]({ object, memory, tokens, random, loop, round, n, puts, item })
      }
    })
    await Promise.all(loops)
  }
}

host({ Contender })
