import { parentPort } from 'node:worker_threads'
import { expose } from 'comlink/dist/esm/comlink.mjs'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { Adder } from '../adder.mjs'

expose(new Adder(), nodeEndpoint(parentPort))
