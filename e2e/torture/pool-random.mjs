// node pool-random.mjs TRIALS [FIRST]
// Random trials of pools and routers, most with workers in this realm, each tenth with threads. Tasks return, throw, wait, stream and
// spin, while callers give up, the pool changes its size, workers are killed, and the pool or its dispatcher closes; all of
// it drawn with the number of the trial. What ran is written down in shared memory.
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ask, Dispatcher, tell } from 'troupe'
import { memory } from 'troupe/memory'
import { hash, pool, random, roundRobin } from 'troupe/pool'
import { virtualClock } from 'troupe/testing'
import { workerThread } from 'troupe/worker-threads'
import { functions, Tasks } from './pool-tasks.mjs'

const [trials = 1_000, first = 1] = process.argv.slice(2).map(Number)
const AT_ONCE = 10
const MOST = 1_000
const METHODS = ['give', 'give', 'give', 'fail', 'wait', 'wait', 'stream', 'stream', 'spin', 'run', 'tell']
/** Milliseconds that a promise may take once nothing else happens. */
const PATIENCE = 20_000
const quiet = { log: () => {} }

/** The platform's clock, which counts the timers that are set. */
function countedEnv() {
  const timers = new Set()
  return {
    timers,
    ...virtualClock(),
    id: () => crypto.randomUUID(),
    random: Math.random,
    now: () => performance.now(),
    setTimer(fn, ms) {
      const timer = setTimeout(() => {
        timers.delete(timer)
        fn()
      }, ms)
      timers.add(timer)
      return timer
    },
    clearTimer(timer) {
      timers.delete(timer)
      clearTimeout(timer)
    },
  }
}

/** Workers in this realm: each a dispatcher, killed as a link that breaks. */
function local() {
  const open = new Set()
  const connect = () => {
    const [near, far] = memory()
    const dispatcher = new Dispatcher(quiet)
    const worker = { kill: () => far.close(), end: () => dispatcher.close({ mode: 'kill' }) }
    open.add(worker)
    void dispatcher.listen(far, { actors: { Tasks }, functions })
    return near
  }
  return { open, connect, left: () => 0 }
}

function threads() {
  const open = new Set()
  let living = 0
  const start = () => {
    const thread = new Worker(new URL('pool-tasks.mjs', import.meta.url))
    living++
    const worker = { kill: () => thread.terminate(), end: () => {} }
    open.add(worker)
    thread.once('exit', () => {
      living--
      open.delete(worker)
    })
    return thread
  }
  return { open, connect: () => workerThread(start), left: () => living }
}

class Trial {
  faults = []
  methods = []
  /** The outcome of each call, by the id of its task: `done`, or what its error says. */
  outcomes = new Map()
  #pending = new Set()
  #next = 0
  #memory = new SharedArrayBuffer(4 * MOST)
  #env = countedEnv()

  constructor(seed, workers) {
    const clock = virtualClock(seed)
    this.seed = seed
    this.random = () => clock.random()
    this.workers = workers
    this.dispatcher = new Dispatcher({ ...quiet, env: this.#env })
    this.retries = this.below(3)
    this.pool = pool(this.dispatcher, {
      connect: workers.connect,
      size: 1 + this.below(4),
      concurrency: 1 + this.below(3),
      retries: this.retries,
      restart: this.chance(0.8) ? { max: Infinity, backoff: 0 } : { max: 2, within: 50, backoff: 1 },
      ...(this.chance(0.2) && { maxQueue: this.below(20) }),
      ...(this.chance(0.3) && { grace: this.below(20) }),
      ...(this.chance(0.3) && { idle: this.below(10) }),
    })
    const routes = [undefined, undefined, roundRobin(), random(), hash((_, id) => id)]
    this.proxies = Array.from({ length: 1 + this.below(3) }, () =>
      this.pool.spawn('Tasks', { args: [this.#memory], route: this.one(routes) }),
    )
  }

  below(number) {
    return Math.floor(this.random() * number)
  }

  chance(part) {
    return this.random() < part
  }

  one(of) {
    return of[this.below(of.length)]
  }

  async run() {
    for (let moments = 5 + this.below(40); moments > 0; moments--) {
      this.#act()
      if (this.chance(0.3)) await sleep(this.below(4))
    }
    const closed = this.#close()
    if (this.chance(0.5)) this.#tasks()
    await this.#inTime(closed, 'close')
    for (const [id, promise] of this.#pending) await this.#inTime(promise, `task ${id}`)
    const { waiting, running, workers, state } = this.pool.info()
    if (waiting + running + workers.length > 0 || state !== 'closed')
      this.faults.push(`after close: ${JSON.stringify(this.pool.info())}`)
    await this.dispatcher.close({ mode: 'kill' })
    for (const worker of this.workers.open) await worker.end()
    for (let tries = 0; tries < 500 && this.workers.left() > 0; tries++) await sleep(10)
    this.#judge()
    return this.faults.map((fault) => `seed ${this.seed}: ${fault}`)
  }

  async #inTime(promise, what) {
    const late = Symbol('late')
    const aborted = new AbortController()
    const outcome = await Promise.race([promise, sleep(PATIENCE, late, aborted)])
    aborted.abort()
    if (outcome === late) this.faults.push(`${what} did not settle`)
  }

  #act() {
    const kind = this.random()
    if (kind < 0.8) this.#tasks()
    else if (kind < 0.9) this.pool.resize(1 + this.below(4))
    else if (this.workers.open.size > 0) void this.one([...this.workers.open]).kill()
  }

  #tasks() {
    for (let count = 1 + this.below(20); count > 0 && this.#next < MOST; count--) this.#task(this.#next++)
  }

  #task(id) {
    const controller = new AbortController()
    const options = {
      ...(this.chance(0.3) && { signal: controller.signal }),
      ...(this.chance(0.2) && { timeout: this.below(20) }),
    }
    const work = ask(this.one(this.proxies), options)
    const method = this.one(METHODS)
    this.methods.push(method)
    if (method === 'wait') this.#settles(id, work.wait(id, this.below(10), this.chance(0.3)))
    else if (method === 'stream') this.#settles(id, this.#stream(work.stream(id, this.below(4)), this.below(5)))
    else if (method === 'spin') this.#settles(id, work.spin(id, this.random()))
    else if (method === 'run') this.#settles(id, this.pool.run('mark', this.#memory, id))
    else if (method === 'tell') tell(this.one(this.proxies)).give(id)
    else this.#settles(id, work[method](id))
    if (!options.signal) return
    if (this.chance(0.3)) controller.abort()
    else void sleep(this.below(6)).then(() => controller.abort())
  }

  /** Reads so many items, opens it late or not at all. */
  async #stream(call, most) {
    const opening = this.random()
    const stream = opening < 0.3 ? await call : call
    if (opening < 0.1) return
    if (opening < 0.2) await sleep(this.below(4))
    for await (const n of stream) if (n >= most) break
  }

  #settles(id, promise) {
    const settled = (outcome) => {
      if (this.outcomes.has(id)) this.faults.push(`task ${id} settled twice`)
      this.outcomes.set(id, outcome)
    }
    const known = promise.then(
      () => settled('done'),
      (error) => settled(error.message === 'as told' ? 'done' : error),
    )
    this.#pending.add([id, known])
  }

  async #close() {
    const kind = this.random()
    if (kind < 0.2) return this.dispatcher.close({ mode: this.one(['now', 'kill']) }).then(() => this.pool.close())
    return this.pool.close({ mode: this.one(['drain', 'now', 'kill']) })
  }

  #judge() {
    const ran = new Int32Array(this.#memory)
    for (let id = 0; id < this.#next; id++) {
      const outcome = this.outcomes.get(id)
      const fault = (text) => this.faults.push(`task ${id}, ${this.methods[id]}, which ran ${ran[id]} times: ${text}`)
      if (ran[id] > 1 + this.retries) fault(`it may be tried again ${this.retries} times`)
      if (outcome?.ran === 'no' && ran[id] > 0) fault(`${outcome.code} says that it did not run`)
      if (outcome instanceof Error && outcome.ran === undefined) fault(outcome.stack)
      if (outcome === 'done' && ran[id] === 0 && this.methods[id] !== 'stream') fault('it was answered')
    }
    const { peers, deadlines } = this.dispatcher.info()
    const left = { peers: peers.length, deadlines, timers: this.#env.timers.size, threads: this.workers.left() }
    for (const [what, count] of Object.entries(left)) if (count > 0) this.faults.push(`${count} ${what} are left`)
  }
}

const run = (seed) => new Trial(seed, seed % 10 === 0 ? threads() : local()).run()

const start = performance.now()
for (let seed = first; seed < first + trials; seed += AT_ONCE) {
  const seeds = Array.from({ length: Math.min(AT_ONCE, first + trials - seed) }, (_, n) => seed + n)
  const faults = (await Promise.all(seeds.map(run))).flat()
  if (faults.length > 0) throw new Error(faults.join('\n'))
}
const seconds = ((performance.now() - start) / 1_000).toFixed(1)
console.log(
  `pool-random: seeds ${first} to ${first + trials - 1} in ${seconds} s: each task settled once, said truly whether it ran, ` +
    'and nothing is left',
)
