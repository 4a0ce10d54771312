// node overload.mjs SECONDS
// Clients call a server that can do about 1,000 calls a second: first as many as it can do, then ten times as many. Each call has
// a second. Under overload as much is done as before, and a neighbour with few calls is served.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ask, Dispatcher } from 'troupe'
import { webSocket } from 'troupe/websocket'

const seconds = Number(process.argv[2] ?? 10)
const LINKS = 4
/** Milliseconds of a call's work, and that it has. */
const WORK = 1
const TIMEOUT = 1_000
/** Of what is done without overload, so much must be done; in a short run, on a machine that is busy, a fifth of that. */
const GOODPUT = seconds < 10 ? 0.16 : 0.8
/** Milliseconds that a neighbour may wait in the median. */
const SOON = 50

const server = fork(fileURLToPath(new URL('hostile-server.mjs', import.meta.url)))
const [{ port }] = await once(server, 'message')
const open = async () => {
  const dispatcher = new Dispatcher({ log: () => {} })
  const shop = await (await dispatcher.connect(webSocket(`ws://127.0.0.1:${port}`))).spawn('Shop')
  return { dispatcher, shop }
}
const links = await Promise.all(Array.from({ length: LINKS }, open))
const neighbour = await open()

/** Calls at a rate, whatever becomes of them. Returns how many were done in a second, how others ended, and what the neighbour waited. */
async function load(rate) {
  const outcomes = {}
  const waits = []
  let done = 0
  const calls = []
  const start = performance.now()
  const end = start + seconds * 1_000
  const calling = (async () => {
    for (; performance.now() < end; await sleep(20)) {
      const began = performance.now()
      await ask(neighbour.shop, { timeout: 10_000 }).add(1, 2)
      waits.push(performance.now() - began)
    }
  })()
  for (let made = 0; performance.now() < end; await sleep(1)) {
    for (const due = ((performance.now() - start) / 1_000) * rate; made < due; made++) {
      const { shop } = links[made % LINKS]
      calls.push(
        ask(shop, { timeout: TIMEOUT })
          .work(WORK)
          .then(
            () => done++,
            ({ code, ran }) => (outcomes[`${code}, ran: ${ran}`] = (outcomes[`${code}, ran: ${ran}`] ?? 0) + 1),
          ),
      )
    }
  }
  await Promise.all(calls)
  await calling
  return { done: done / seconds, outcomes, wait: waits.toSorted((a, b) => a - b)[waits.length >> 1] }
}

await load(200)
const capacity = (await load(2_000)).done
const one = await load(capacity * 0.9)
const ten = await load(capacity * 10)
const goodput = ten.done / one.done
console.log(
  `1 x: ${Math.round(one.done)} calls a second done, the neighbour waits ${one.wait.toFixed(1)} ms in the median; ` +
    `10 x: ${Math.round(ten.done)} done, that is ${Math.round(goodput * 100)} %, the neighbour waits ${ten.wait.toFixed(1)} ms; ` +
    JSON.stringify(ten.outcomes),
)
if (goodput < GOODPUT) throw new Error(`under overload only ${goodput} of the calls are done`)
if (ten.wait > 5 * SOON) throw new Error(`a neighbour waits ${ten.wait} ms`)
for (const { dispatcher } of [...links, neighbour]) await dispatcher.close()
server.kill()
