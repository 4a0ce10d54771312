// The tasks of a pool, in this realm or in a thread. They count, in memory that the test sees, how often each ran.
import { isMainThread } from 'node:worker_threads'
import { Actor, Dispatcher } from 'troupe'
import { host } from 'troupe/worker-threads'

const mark = (memory, id) => Atomics.add(new Int32Array(memory), id, 1)

export class Tasks extends Actor {
  #memory
  constructor(memory) {
    super()
    this.#memory = memory
  }
  give(id) {
    mark(this.#memory, id)
    return id
  }
  fail(id) {
    mark(this.#memory, id)
    throw new RangeError('as told')
  }
  /** Waits for so many milliseconds, or until its caller gives up, unless it is deaf to that. */
  async wait(id, ms, isDeaf) {
    mark(this.#memory, id)
    const { signal } = this.context
    await new Promise((resolve) => {
      setTimeout(resolve, ms)
      if (!isDeaf) signal.addEventListener('abort', resolve)
    })
    return id
  }
  async *stream(id, count) {
    mark(this.#memory, id)
    for (let n = 0; n < count; n++) yield n
  }
  /** Blocks its thread for so many milliseconds. */
  spin(id, ms) {
    mark(this.#memory, id)
    const end = performance.now() + ms
    while (performance.now() < end);
    return id
  }
}

export const functions = {
  mark(memory, id) {
    mark(memory, id)
    return id
  },
}

if (!isMainThread) host({ Tasks }, { functions, dispatcher: new Dispatcher({ log: () => {} }) })
