// node cuts.mjs [STRIDE]
// An exchange of more than 4 KiB over a WebSocket with calls, one-way messages, a stream and callbacks, through a proxy that
// cuts the connection once, at each STRIDE-th byte in each direction. All comes out as without the cut.
import { Actor, Dispatcher, tell } from 'troupe'
import { webSocket } from 'troupe/websocket'
import { webSocketServer } from 'troupe/websocket-server'
import { proxy } from './proxy.mjs'

const [stride = 1] = process.argv.slice(2).map(Number)
/** Milliseconds that one exchange may take. */
const PATIENCE = 20_000
const AT_ONCE = 8
const TEXT = 'x'.repeat(150)
const quiet = { log: () => {} }

class Room extends Actor {
  said = []
  say(n, text) {
    this.said.push(n)
    return text.length + n
  }
  async *count(to) {
    for (let n = 1; n <= to; n++) yield n
  }
  async each(to, take) {
    const taken = []
    for (let n = 1; n <= to; n++) taken.push(await take(n))
    return taken
  }
  all() {
    return this.said
  }
}

/** Returns the bytes that passed in each direction, and whether the connection was cut after it was open. */
async function exchange(cut) {
  const server = new Dispatcher(quiet)
  const client = new Dispatcher(quiet)
  const { port } = await server.listen(webSocketServer({ port: 0 }), { actors: { Room } })
  const between = await proxy(port, cut)
  try {
    let peer
    for (let attempts = 0; !peer; attempts++) {
      try {
        peer = await client.connect(webSocket(`ws://127.0.0.1:${between.port}`))
      } catch (error) {
        // Cut before there was a link.
        if (attempts > 0 || error.code !== 'unreachable') throw error
      }
    }
    const room = await peer.spawn('Room')
    const taken = []
    const counted = []
    const counting = (async () => {
      for await (const n of room.count(10)) counted.push(n)
    })()
    const each = room.each(5, async (n) => taken.push(n))
    const results = []
    for (let n = 0; n < 20; n += 2) {
      tell(room).say(n, TEXT)
      results.push(room.say(n + 1, TEXT))
      if (n % 4 === 0) await results.at(-1)
    }
    const numbers = Array.from({ length: 20 }, (_, n) => n)
    const odd = numbers.filter((n) => n % 2 === 1)
    check(
      'results',
      await Promise.all(results),
      odd.map((n) => TEXT.length + n),
    )
    await counting
    check('the stream', counted, numbers.slice(1, 11))
    check('callbacks', await each, [1, 2, 3, 4, 5])
    check('calls of callbacks', taken, [1, 2, 3, 4, 5])
    check('what ran', await room.all(), numbers)
    return { ...between.bytes, wasCut: between.wasCut() }
  } finally {
    await client.close()
    await server.close({ mode: 'kill' })
    between.close()
  }
}

function check(what, actual, expected) {
  if (JSON.stringify(actual) !== JSON.stringify(expected))
    throw new Error(`${what}: ${JSON.stringify(actual)} in place of ${JSON.stringify(expected)}`)
}

async function tried(cut) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), PATIENCE)
  })
  try {
    return await Promise.race([exchange(cut), late])
  } catch (error) {
    throw new Error(`cut before byte ${cut?.at} to the ${cut?.to}: ${error.message}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

const began = performance.now()
const whole = await tried(undefined)
const cuts = ['server', 'client'].flatMap((to) =>
  Array.from({ length: Math.ceil(whole[to] / stride) }, (_, n) => ({ to, at: n * stride })),
)
const { length } = cuts
let real = 0
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let cut = cuts.pop(); cut; cut = cuts.pop()) if ((await tried(cut)).wasCut) real++
  }),
)
const seconds = ((performance.now() - began) / 1_000).toFixed(0)
console.log(
  `an exchange of ${whole.server} bytes to the server and ${whole.client} to the client, cut at ${length} places ` +
    `(${real} before its end) in ${seconds} s: no hang, no duplicate, no wrong result`,
)
