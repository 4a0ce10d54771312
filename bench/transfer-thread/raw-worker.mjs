import { parentPort } from 'node:worker_threads'

parentPort.on('message', ({ id, args: [result] }) => parentPort.postMessage({ id, result }, [result]))
