import { createServer, connect as dial } from 'node:net'

/** One direction of a connection: what comes waits its turn, and may be delayed, sliced, held back, lost or cut short. */
class Pipe {
  #from
  #into
  #weather
  #queue = []
  #isBusy = false
  /** Bytes that still pass before the connection is cut. */
  #left = Infinity
  #isLost = false

  constructor(from, into, weather, cut) {
    this.#from = from
    this.#into = into
    this.#weather = weather
    this.cut = cut
    from.on('data', (data) => {
      this.#queue.push(data)
      void this.#pump()
    })
    from.on('end', () => {
      this.#queue.push(undefined)
      void this.#pump()
    })
    from.on('error', () => {})
  }

  /** Everything from now on is lost, and neither end is told. */
  lose() {
    this.#isLost = true
  }

  cutAfter(bytes) {
    this.#left = bytes
  }

  /** Nothing more is sent in this direction; the other one goes on. */
  halfClose() {
    this.lose()
    this.#into.end()
  }

  async #pump() {
    if (this.#isBusy) return
    this.#isBusy = true
    while (this.#queue.length > 0) {
      const { delay, slice } = this.#weather
      let data = this.#queue.shift()
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
      await this.#weather.thaw
      if (this.#isLost) continue
      if (!data) {
        this.#into.end()
        continue
      }
      if (data.length > slice) {
        this.#queue.unshift(data.subarray(slice))
        data = data.subarray(0, slice)
      }
      this.#into.write(data.subarray(0, this.#left))
      this.#left -= data.length
      if (this.#left > 0) continue
      // What was passed on arrives before the end.
      this.#into.end()
      this.#from.destroy()
      this.lose()
    }
    this.#isBusy = false
  }
}

/**
 * A TCP proxy in front of a port that does what networks do. Each fault is counted in `faults`. What it does to all that passes:
 * `delay`, `slice`, `freeze`. What it does to the connections that there are: `reset`, `halfClose`, `blackhole`, `cutAfter`.
 */
export async function faultyProxy(port) {
  const weather = { delay: 0, slice: Infinity, thaw: undefined }
  const faults = {}
  const connections = new Set()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = dial({ port, host: '127.0.0.1', allowHalfOpen: true })
    const connection = { near, far, pipes: [new Pipe(near, far, weather), new Pipe(far, near, weather)] }
    connections.add(connection)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ]) {
      socket.setNoDelay()
      socket.on('close', () => {
        connections.delete(connection)
        other.destroy()
      })
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const count = (fault) => (faults[fault] = (faults[fault] ?? 0) + 1)
  const each = (fault, body) => {
    for (const connection of connections) {
      count(fault)
      body(connection)
    }
  }
  return {
    faults,
    port: server.address().port,
    get connections() {
      return connections.size
    },
    delay(ms) {
      count('delay')
      weather.delay = ms
    },
    slice(bytes) {
      count('slice')
      weather.slice = bytes
    },
    /** Nothing passes for so long. */
    freeze(ms) {
      count('freeze')
      weather.thaw = new Promise((resolve) => setTimeout(resolve, ms))
    },
    calm() {
      Object.assign(weather, { delay: 0, slice: Infinity })
    },
    reset: () => each('reset', ({ near, far }) => [near, far].forEach((socket) => socket.resetAndDestroy())),
    /** `way` is 0 for what goes to the server, 1 for what comes from it. */
    halfClose: (way) => each('half-close', ({ pipes }) => pipes[way].halfClose()),
    /** In one way, or in both. */
    blackhole: (...ways) => each('blackhole', ({ pipes }) => ways.forEach((way) => pipes[way].lose())),
    cutAfter: (way, bytes) => each('cut', ({ pipes }) => pipes[way].cutAfter(bytes)),
    close() {
      for (const { near, far } of connections) for (const socket of [near, far]) socket.destroy()
      server.close()
    },
  }
}
