import { broadcastChannel } from 'troupe/broadcast-channel'
import { messagePort } from 'troupe/message-port'
import { sharedWorker } from 'troupe/shared-worker'
import { firstMember, testTransport } from 'troupe/testing'
import { webWorker } from 'troupe/web-worker'
import { webSocket } from 'troupe/websocket'
import { endings, refusals, tabs } from './losses.js'

let count = 0

function openWorker() {
  let worker
  const make = () => (worker = new Worker(new URL('./web.worker.js', import.meta.url), { type: 'module' }))
  return { connector: webWorker(make), crash: () => worker?.terminate() }
}

function openShared() {
  const name = `shared ${count++}`
  const worker = new SharedWorker(new URL('./shared.worker.js', import.meta.url), { type: 'module', name })
  const crash = () => {
    const channel = new BroadcastChannel(name)
    channel.postMessage('end')
    channel.close()
  }
  return { connector: sharedWorker(worker), crash, dispose: crash }
}

async function openBus() {
  const name = `bus ${count++}`
  const worker = new Worker(new URL('./bus.worker.js', import.meta.url), { type: 'module', name })
  await new Promise((joined) => worker.addEventListener('message', joined, { once: true }))
  const end = () => worker.terminate()
  return { connector: firstMember(broadcastChannel(name)), crash: end, dispose: end }
}

/** A frame of this origin, or of another one. */
const openFrame = (origin) => () => {
  const frame = document.createElement('iframe')
  frame.src = `${origin}/frame.html?origin=${encodeURIComponent(location.origin)}`
  document.body.append(frame)
  const end = () => frame.remove()
  return { connector: messagePort(frame.contentWindow, { origin }), crash: end, dispose: end }
}

/** The server is a process of its own, which the test starts and kills. */
async function openServer() {
  const url = await window.startServer()
  const kill = () => window.killServer(url)
  return { connector: webSocket(url), crash: kill, dispose: kill }
}

const otherOrigin = location.origin.replace('127.0.0.1', 'localhost')
const shared = 'other pages use the worker'
const SUITES = {
  'web-worker': { open: openWorker },
  'shared-worker': {
    open: openShared,
    skip: [
      {
        reason: shared,
        tests: [
          'lets the actors of a realm that it started finish what waits, and stop, when this side closes in that mode',
          'lets the actors of a realm that it started stop when the peer is closed',
        ],
      },
    ],
  },
  'broadcast-channel': { open: openBus },
  'a frame': { open: openFrame(location.origin), limits: { heartbeat: 200 } },
  'a frame of another origin': { open: openFrame(otherOrigin), limits: { heartbeat: 200 } },
  websocket: { open: openServer },
}

/** How the conformance suite goes over one link: the names of what passed, and what failed with the error. */
async function conform(name) {
  const tests = []
  const test = (title, body, timeout = 30_000) => tests.push({ title, body, timeout })
  const runner = { describe: (_, body) => body(), test: Object.assign(test, { skip: () => {} }) }
  testTransport({ name, runner, ...SUITES[name] })
  const failed = []
  for (const { title, body, timeout } of tests) {
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done in ${timeout} ms`)), timeout)
    })
    await Promise.race([body(), late]).catch((error) => failed.push(`${title}: ${error}`))
    clearTimeout(timer)
  }
  return { passed: tests.length - failed.length, failed }
}

/** Errors and rejections that no code handled. */
const uncaught = []
addEventListener('error', ({ message }) => uncaught.push(message))
addEventListener('unhandledrejection', ({ reason }) => uncaught.push(String(reason)))

window.page = { suites: Object.keys(SUITES), conform, refusals, endings, tabs, uncaught }
