// node chaos.mjs [ROUNDS] [FIRST]
// Clients call a server over WebSockets through a proxy that delays, slices, freezes, resets, half-closes, loses and cuts at
// random. In most rounds links outlive all of it, so everything comes through. In the others they do not: then each call must
// say truly whether it ran. A failing round prints its seed: `node chaos.mjs 1 SEED`.
import { setTimeout as sleep } from 'node:timers/promises'
import { Actor, ActorError, Dispatcher, tell } from 'troupe'
import { virtualClock } from 'troupe/testing'
import { webSocket } from 'troupe/websocket'
import { webSocketServer } from 'troupe/websocket-server'
import { faultyProxy } from './faulty-proxy.mjs'

const [rounds = 200, first = 1] = process.argv.slice(2).map(Number)
const AT_ONCE = 4
const CLIENTS = 2
const FAULTS = 12
/** Milliseconds in which all settles once the network is well again. */
const PATIENCE = 20_000

/** What it says, and what its causes say. */
const causes = (error) => (error instanceof Error ? `${error.message} ${causes(error.cause)}` : '')

class Round {
  seed
  faults = []
  /** By client: how many messages it sent; by message, how often it ran. */
  #sent = {}
  #runs = new Map()
  #pending = new Set()
  /** Calls whose errors say that they did not run. */
  #denied = []
  #counts = { done: 0, failed: 0 }
  #plan
  #isOver = false

  constructor(seed) {
    this.seed = seed
    const dice = virtualClock(seed)
    this.random = () => dice.random()
    // Whether no outage is too long for the links.
    this.isLasting = this.below(4) > 0
    // Drawn before the clients draw: what they do depends on the time that it takes.
    this.#plan = Array.from({ length: FAULTS }, () => ({
      wait: 5 + this.below(60),
      kind: this.below(9),
      way: this.below(2),
      part: this.random(),
    }))
  }

  below(number) {
    return Math.floor(this.random() * number)
  }

  async run() {
    const limits = { heartbeat: 300, handshake: 1_000, resume: this.isLasting ? 60_000 : 150 }
    const options = { log: () => {}, limits: { ...limits, trusted: { handshake: 1_000 } } }
    const round = this
    class Room extends Actor {
      last = 0
      say(client, n) {
        round.ran(client, n, this.last)
        this.last = n
        return n
      }
      async *count(to) {
        for (let n = 1; n <= to; n++) yield n
      }
      async each(to, take) {
        let sum = 0
        for (let n = 1; n <= to; n++) sum += await take(n)
        return sum
      }
    }
    const server = new Dispatcher(options)
    const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: { Room } })
    const between = await faultyProxy(port)
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, n) => {
        const dispatcher = new Dispatcher(options)
        const connector = { ...webSocket(`ws://127.0.0.1:${between.port}`), restart: { max: Infinity, longest: 200 } }
        const peer = await dispatcher.connect(connector)
        return { dispatcher, name: `client ${n}`, room: await peer.spawn('Room') }
      }),
    )
    const working = clients.map((client) => this.#work(client))
    for (const fault of this.#plan) {
      await sleep(fault.wait)
      this.#disturb(between, fault)
    }
    between.calm()
    this.#isOver = true
    const worked = Promise.all(working).then(() => true)
    const late = performance.now() + PATIENCE
    while (!(await Promise.race([worked, sleep(10)])) || this.#pending.size > 0) if (performance.now() > late) break
    for (const what of this.#pending) this.#fault(`${what} did not settle`)
    if (this.isLasting) this.#judgeWhole()
    await Promise.all(clients.map(({ dispatcher }) => dispatcher.close({ mode: 'kill' })))
    await server.close({ mode: 'kill' })
    for (const dispatcher of [server, ...clients.map((client) => client.dispatcher)]) {
      const { peers, actors, deadlines } = dispatcher.info()
      const name = dispatcher === server ? 'the server' : 'a client'
      if (peers.length + actors.length + deadlines > 0)
        this.#fault(`${name} has ${peers.length} links, ${actors.length} actors and ${deadlines} deadlines left`)
    }
    between.close()
    // At the end: what was on its way could have arrived late.
    for (const { what, code, key } of this.#denied)
      if (this.#runs.has(key)) this.#fault(`${what} ran, and its error (${code}) says that it did not`)
    return { faults: this.faults, disturbed: between.faults, counts: this.#counts }
  }

  #disturb(between, { kind, way, part }) {
    switch (kind) {
      case 0:
        return between.delay(Math.round(part * 15))
      case 1:
        return between.slice(1 + Math.round(part * 50))
      case 2:
        return between.freeze(part * (this.isLasting ? 400 : 1_500))
      case 3:
        return between.reset()
      case 4:
        return between.halfClose(way)
      case 5:
        // Where links do not last, calls run whose replies are lost.
        return this.isLasting ? between.blackhole(0, 1) : between.blackhole(1)
      case 6:
        return between.calm()
      default:
        return between.cutAfter(way, Math.round(part * 2_000))
    }
  }

  /** Calls, one-way messages, a stream and callbacks at the same time, until the disturbances are over. */
  async #work({ name, room }) {
    let n = 0
    const streams = async () => {
      for (let turn = 0; !this.#isOver; turn++) {
        await this.#settles(`stream ${turn} of ${name}`, async () => {
          let next = 1
          for await (const item of room.count(20))
            if (item !== next++) throw new Error(`${item} came as item ${next - 1}`)
          if (next !== 21) throw new Error(`the stream ended behind ${next - 1} items`)
        })
        await sleep(1)
      }
    }
    const callbacks = async () => {
      for (let turn = 0; !this.#isOver; turn++) {
        await this.#settles(`callbacks ${turn} of ${name}`, async () => {
          const taken = []
          const sum = await room.each(10, (item) => (taken.push(item), item))
          if (sum !== 55 || taken.join() !== '1,2,3,4,5,6,7,8,9,10') throw new Error(`${sum} and ${taken} came back`)
        })
        await sleep(1)
      }
    }
    const calls = async () => {
      while (!this.#isOver) {
        for (let burst = this.below(8); burst > 0; burst--) {
          const number = ++n
          if (this.random() < 0.5) tell(room).say(name, number)
          else void this.#settles(`call ${number} of ${name}`, () => room.say(name, number), number, name)
        }
        await sleep(1 + this.below(4))
      }
    }
    await Promise.all([streams(), callbacks(), calls()])
    // The last call comes behind all that was told.
    const number = ++n
    await this.#settles(`the last call of ${name}`, () => room.say(name, number), number, name)
    this.#sent[name] = n
  }

  /** A message of a client runs, in an actor whose last one was `last`. A new link has a new actor. */
  ran(client, n, last) {
    const key = `${client}/${n}`
    this.#runs.set(key, (this.#runs.get(key) ?? 0) + 1)
    if (this.#runs.get(key) > 1) this.#fault(`message ${n} of ${client} ran twice`)
    if (n <= last) this.#fault(`message ${n} of ${client} came behind ${last}`)
  }

  /** `number` is that of a message of `client`, whose runs are counted. */
  async #settles(what, body, number, client) {
    this.#pending.add(what)
    try {
      const result = await body()
      this.#counts.done++
      if (number !== undefined && result !== number) this.#fault(`${what} brought ${result}`)
      if (number !== undefined && !this.#runs.has(`${client}/${number}`))
        this.#fault(`${what} was answered and never ran`)
    } catch (error) {
      this.#counts.failed++
      if (!(error instanceof ActorError)) return this.#fault(`${what}: ${error.message}`)
      const { code, ran } = error
      if (this.isLasting || !['unknown', 'unreachable', 'released'].includes(code))
        this.#fault(`${what} failed with ${code}: ${causes(error)}`)
      if (number !== undefined && ran === 'no') this.#denied.push({ what, code, key: `${client}/${number}` })
    } finally {
      this.#pending.delete(what)
    }
  }

  /** No link ended: all that was sent came. */
  #judgeWhole() {
    for (const [client, sent] of Object.entries(this.#sent))
      for (let n = 1; n <= sent; n++)
        if (!this.#runs.has(`${client}/${n}`)) this.#fault(`message ${n} of ${client} is lost`)
  }

  #fault(text) {
    this.faults.push(`seed ${this.seed}: ${text}`)
  }
}

const began = performance.now()
const total = { done: 0, failed: 0 }
const disturbed = {}
let next = first
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next < first + rounds) {
      const round = await new Round(next++).run()
      if (round.faults.length > 0) throw new Error(round.faults.slice(0, 10).join('\n'))
      for (const outcome of Object.keys(total)) total[outcome] += round.counts[outcome]
      for (const [fault, times] of Object.entries(round.disturbed)) disturbed[fault] = (disturbed[fault] ?? 0) + times
    }
  }),
)
console.log(
  `chaos: seeds ${first} to ${first + rounds - 1} in ${((performance.now() - began) / 1_000).toFixed(0)} s: ` +
    `${total.done} calls, streams and callbacks done and ${total.failed} failed, each settled once; disturbed by ${JSON.stringify(disturbed)}`,
)
