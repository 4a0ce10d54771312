import { parentPort } from 'node:worker_threads'
import { expose } from 'comlink/dist/esm/comlink.mjs'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'

class Adder {
  add(a, b) {
    return a + b
  }
}

expose(new Adder(), nodeEndpoint(parentPort))
