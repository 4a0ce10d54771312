import { workerData } from 'node:worker_threads'
import { host } from 'troupe/worker-threads'

const log = new Int32Array(workerData)

class Runner {
  /** Writes down that it ran; every other one takes its time. */
  async run(n) {
    Atomics.add(log, n, 1)
    if (n % 2) await new Promise((resolve) => setTimeout(resolve, n % 5))
    return n
  }
}

host({ Runner })
