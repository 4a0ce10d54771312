// node allocation.mjs [PARTS]
// A peer that is not trusted sends payloads full of one kind of value. Prints what each allocates, for each byte of the payload.
import { Actor, Dispatcher } from 'troupe'
import { bytes } from 'troupe/adapter'
import { memory } from 'troupe/memory'
import { allocated } from './allocated.mjs'

const [parts = 20_000] = process.argv.slice(2).map(Number)
const [HELLO, WELCOME, CALL, TELL, REQUEST, RESULT] = [0, 1, 3, 4, 5, 6]
const [ARRAY, OBJECT, MAP, SET, DATE, ERROR, SIGNAL] = [1, 2, 3, 4, 5, 8, 18]
const MOST_BYTES = 1_000_000

class Sponge extends Actor {
  takes = 0
  take() {
    this.takes++
  }
  taken() {
    return this.takes
  }
}

const container = (tag) => (sink) => {
  sink.tag(tag)
  sink.number(0)
}
const error = (kind) => (sink) => {
  sink.tag(ERROR)
  sink.number(kind)
  sink.string('')
  sink.string('')
  sink.number(0)
}
const VALUES = {
  numbers: (sink) => sink.number(7),
  arrays: container(ARRAY),
  objects: container(OBJECT),
  maps: container(MAP),
  sets: container(SET),
  dates: container(DATE),
  errors: error(0),
  'aggregate errors': error(7),
  'errors of the platform': error(8),
  'errors of actors': error(9),
  'signals that have fired': (sink) => {
    sink.tag(SIGNAL)
    sink.boolean(true)
    sink.number(0)
  },
  'short strings': (sink, n) => sink.string(n.toString(36)),
  'long strings': (sink, n) => sink.string(`${n}`.padEnd(100, 'é')),
  'strings with lone surrogates': (sink, n) => sink.string(`${n}`.padEnd(20, '\ud800')),
  'big integers': (sink, n) => sink.bigint(BigInt(n)),
}

/** A frame of fields: numbers, texts, booleans, and records of them. */
function frame(...fields) {
  const sink = bytes.sink()
  const write = (field) => {
    if (Array.isArray(field)) {
      container(ARRAY)(sink)
    } else if (typeof field === 'object') {
      sink.tag(OBJECT)
      sink.number(Object.keys(field).length)
      for (const [key, value] of Object.entries(field)) {
        sink.string(key)
        write(value)
      }
    } else sink[typeof field](field)
  }
  fields.forEach(write)
  return sink.take().data
}

async function measure(write) {
  const server = new Dispatcher({ log: () => {} })
  const [near, far] = memory({ codec: bytes, payload: 'bytes', trusted: false })
  await server.listen(far, { actors: { Sponge } })
  const transport = near.open()
  let heard = () => {}
  const next = (op) => new Promise((resolve) => (heard = (data) => data[0] === op && resolve(Buffer.from(data))))
  const hello = next(HELLO)
  transport.receive((data) => heard(data))
  const text = (await hello).toString('latin1')
  const answer = text.slice(text.indexOf('nonce') + 6).slice(0, 22)
  const limits = { frame: 2 ** 20, depth: 64, nodes: 100_000, calls: 1_024, references: 1_000, window: 2 ** 22 }
  const welcome = next(WELCOME)
  transport.send(frame(HELLO, { version: 1, id: 'hostile', nonce: 'nonce', limits, answer }), [])
  await welcome
  transport.send(frame(WELCOME, { actors: [] }), [])
  const spawned = next(RESULT)
  transport.send(frame(REQUEST, 0, 0, 'spawn', 1, 'Sponge'), [])
  await spawned
  const values = bytes.sink()
  let count = 0
  while (values.size < MOST_BYTES && count < parts) write(values, count++)
  const payload = new Uint8Array(Buffer.concat([frame(TELL, 0, 'take', count), values.take().data]))
  let ms = 0
  const heap = await allocated(async () => {
    const began = performance.now()
    const answered = next(RESULT)
    transport.send(payload, [])
    transport.send(frame(CALL, 1, 0, 'taken', 0), [])
    const [, , takes] = await answered
    if (takes !== 1) throw new Error('the payload was not read')
    ms = performance.now() - began
  })
  transport.close()
  await server.close({ mode: 'kill' })
  return { ratio: heap / payload.length, ms, size: payload.length }
}

for (const [name, write] of Object.entries(VALUES)) {
  const { ratio, ms, size } = await measure(write)
  console.log(`${name}: ${size} bytes allocate ${ratio.toFixed(1)} × as much, in ${ms.toFixed(0)} ms`)
}
