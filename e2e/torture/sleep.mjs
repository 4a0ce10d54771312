// node sleep.mjs [SECONDS] [SHORT]
// A client and a server in processes of their own. The one, then the other, is stopped with SIGSTOP: for SECONDS, which is longer
// than the heartbeat and shorter than links wait for a connection, and for SHORT, where links wait for 2 s only. When it goes on,
// the link does so as well, or a new one is opened, and calls are answered.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const [seconds = 45, short = 45] = process.argv.slice(2).map(Number)
/** Milliseconds in which calls are answered again. */
const SOON = 40_000
/** Outcomes that say truly what became of a call. */
const TYPED = new Set(['unknown maybe', 'unreachable no', 'timeout maybe', 'timeout no'])

const here = (file) => fileURLToPath(new URL(file, import.meta.url))

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  return port
}

/** Resolves with what is said of it. */
async function stopped(who, ms, resume) {
  const port = await freePort()
  const server = fork(here('restarts-server.mjs'), [String(port), String(resume)])
  await once(server, 'message')
  const client = fork(here('sleep-client.mjs'), [String(port), String(resume)])
  const counts = []
  const codes = {}
  const states = []
  client.on('message', ({ count, code, ran, state }) => {
    if (state) states.push(state)
    else if (count !== undefined) counts.push(count)
    else codes[`${code} ${ran}`] = (codes[`${code} ${ran}`] ?? 0) + 1
  })
  try {
    while (counts.length < 10) await once(client, 'message')
    const subject = who === 'client' ? client : server
    subject.kill('SIGSTOP')
    await sleep(ms)
    const { length } = counts
    subject.kill('SIGCONT')
    const woke = performance.now()
    while (counts.length < length + 10) {
      if (performance.now() - woke > SOON)
        throw new Error(
          `${counts.length - length} calls were answered within ${SOON} ms, others ${JSON.stringify(codes)}`,
        )
      await Promise.race([once(client, 'message'), sleep(100)])
    }
    const took = Math.round(performance.now() - woke)
    const wrong = Object.keys(codes).find((code) => !TYPED.has(code))
    if (wrong) throw new Error(`calls failed with ${wrong}`)
    // Each call runs once: the count of one actor goes up by one, and a new actor begins with 1.
    const odd = counts.findIndex((count, at) => at > 0 && count !== 1 && count <= counts[at - 1])
    if (odd >= 0) throw new Error(`${counts[odd]} came behind ${counts[odd - 1]}`)
    const isResumed = counts.every((count, at) => at === 0 || count > counts[at - 1])
    console.log(
      `${who} stopped for ${ms / 1_000} s, links wait ${resume / 1_000} s: ${isResumed ? 'the link went on' : 'a new link was opened'}, ` +
        `10 calls answered ${took} ms later, others ${JSON.stringify(codes)}, states ${states.join(', ') || 'open'}`,
    )
    return isResumed
  } finally {
    for (const child of [client, server]) child.kill('SIGKILL')
  }
}

const cases = ['client', 'server'].flatMap((who) => [
  [who, seconds * 1_000, 60_000],
  [who, short * 1_000, 2_000],
])
await Promise.all(cases.map((each) => stopped(...each)))
console.log('no link stayed dead')
