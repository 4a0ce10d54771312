// An actor on one end of a port and a service on one end of another, called through the same Comlink.
import { expose, wrap } from 'comlink'
import { Dispatcher } from 'troupe'
import { exposeToComlink, fromComlink } from 'troupe/comlink'
import { Counter } from './counter.mjs'

const dispatcher = new Dispatcher()
const a = new MessageChannel()
const exposure = exposeToComlink(await dispatcher.spawn(Counter, { args: [40] }), a.port2)
const counter = wrap(a.port1)

const b = new MessageChannel()
expose({ twice: (n) => n * 2 }, b.port2)
const service = fromComlink(b.port1)

console.log(await counter.increment(1), await service.twice(21))
exposure.close()
service[Symbol.dispose ?? Symbol.for('Symbol.dispose')]()
await dispatcher.close()
