import { setTimeout as sleep } from 'node:timers/promises'
import { Dispatcher } from 'troupe'
import { webSocket } from 'troupe/websocket'

export function check(is, what) {
  if (!is) throw new Error(`not so: ${what}`)
}

export async function connect(url, token = 'secret') {
  const dispatcher = new Dispatcher({ log: () => {} })
  try {
    return { dispatcher, peer: await dispatcher.connect(webSocket(url, { token })) }
  } catch (error) {
    await dispatcher.close()
    throw error
  }
}

/** One that counts without a pause, and reads a stream. */
export class Client {
  /** Whether it may be linked anew now. */
  mayLose = false
  isOver = false
  /** Calls that were lost, connections that were cut, and how often the actor was spawned again, since `measure`. */
  lost = 0
  outages = 0
  renewed = 0
  /** When the last call was answered, and the longest time between two answers since `measure`. */
  answered = performance.now()
  longest = 0

  static async open(url) {
    const client = new Client()
    Object.assign(client, await connect(url))
    client.peer.on(
      'state',
      (state, { attempt }) => void (state === 'reconnecting' && attempt === 1 && client.outages++),
    )
    client.counter = await client.peer.spawn('Counter')
    client.running = Promise.all([client.count(), client.read()])
    client.running.catch((error) => {
      console.error(error)
      process.exit(1)
    })
    return client
  }

  measure() {
    this.answered = performance.now()
    this.longest = this.lost = this.outages = this.renewed = 0
  }

  /** Each answer is the next number, or the first one of an actor that was spawned again. */
  async count() {
    let last = 0
    while (!this.isOver) {
      try {
        const next = await this.counter.increment()
        const isNew = this.mayLose && next === 1 && last > 0
        check(next === last + 1 || isNew, `${next} came after ${last}`)
        if (isNew) this.renewed++
        last = next
        this.longest = Math.max(this.longest, performance.now() - this.answered)
        this.answered = performance.now()
      } catch (error) {
        check(this.mayLose && ['unknown', 'unreachable'].includes(error.code), error)
        this.lost++
      }
      await sleep(2)
    }
  }

  async read() {
    while (!this.isOver) {
      let expected = 0
      try {
        for await (const n of this.counter.ticks()) {
          check(n === expected++, `${n} came in the stream in place of ${expected - 1}`)
          if (this.isOver) return
          await sleep(2)
        }
      } catch (error) {
        check(this.mayLose && ['unknown', 'unreachable'].includes(error.code), error)
      }
    }
  }
}
