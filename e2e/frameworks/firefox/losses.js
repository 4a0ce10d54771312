import { Dispatcher, tell } from 'troupe'
import { broadcastChannel } from 'troupe/broadcast-channel'
import { sharedWorker } from 'troupe/shared-worker'
import { Probe } from 'troupe/testing'
import { webWorker } from 'troupe/web-worker'
import { webSocket } from 'troupe/websocket'

const CALLS = 1_000

const script = (text) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
const newWorker = () => new Worker(new URL('./web.worker.js', import.meta.url), { type: 'module' })

const REFUSED = {
  'a worker that is not there': webWorker(() => new Worker('/missing.js', { type: 'module' })),
  'a worker with a syntax error': webWorker(() => new Worker(script('}'), { type: 'module' })),
  'a worker that throws': webWorker(() => new Worker(script('throw new Error("at once")'), { type: 'module' })),
  'a SharedWorker that is not there': sharedWorker(() => new SharedWorker('/missing.js', { type: 'module' })),
  'a server that is not there': webSocket('ws://127.0.0.1:1'),
}

/** The codes with which connections fail. */
export async function refusals() {
  const dispatcher = new Dispatcher()
  const codes = {}
  for (const [what, connector] of Object.entries(REFUSED))
    codes[what] = await dispatcher.connect(connector).then(
      () => 'connected',
      ({ code }) => code,
    )
  await dispatcher.close()
  return codes
}

/** How many of the calls in flight end in which way when a worker does, and after how many milliseconds the last. */
export async function endings() {
  const ways = {
    'terminate(), of a worker of the page': [true, (worker) => worker.terminate()],
    'terminate(), of a worker of the link': [false, (worker) => worker.terminate()],
    'self.close()': [false, (_, closer) => tell(closer).closeRealm()],
  }
  const results = {}
  for (const [way, [isGiven, end]] of Object.entries(ways)) {
    let worker = newWorker()
    const given = worker
    const dispatcher = new Dispatcher()
    const peer = await dispatcher.connect(webWorker(isGiven ? given : () => worker))
    const closer = await peer.spawn('Closer')
    const probe = await peer.spawn('Probe')
    const codes = {}
    const count = ({ code, ran }) => void (codes[`${code} ${ran}`] = (codes[`${code} ${ran}`] ?? 0) + 1)
    const calls = Array.from({ length: CALLS }, () => probe.deaf().catch(count))
    // Behind all of them.
    await peer.names()
    const start = Date.now()
    end(given, closer)
    worker = newWorker()
    await Promise.all(calls)
    results[way] = { codes, ms: Date.now() - start }
    await dispatcher.close({ mode: 'kill' })
    for (const each of [given, worker]) each.terminate()
  }
  return results
}

/** Two tabs on a bus: one offers an actor, the other calls it until that tab is gone. */
export const tabs = {
  async offer() {
    const dispatcher = new Dispatcher()
    await dispatcher.spawn(Probe, { name: 'offered' })
    await dispatcher.join(broadcastChannel('tabs'))
  },
  async call() {
    const dispatcher = new Dispatcher()
    await dispatcher.join(broadcastChannel('tabs'))
    const probe = await dispatcher.lookup('offered')
    const sum = await probe.add(1, 2)
    this.outcome = probe.deaf().catch(({ code, ran }) => `${code} ${ran}`)
    return sum
  },
}
